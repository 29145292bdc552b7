/* check_arena.c — base/arena and base/pages. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "base/pages.h"

static bool is_zero(const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((const char *)p)[i] != 0)
            return false;
    return true;
}

START_TEST(memory_is_zeroed_aligned_and_disjoint)
{
    struct arena a;
    ck_assert_int_eq(arena_init(&a, 10000), 0);
    char *last_end = a.base;
    for (size_t n = 1; n < 100; n++) {
        char *p = arena_alloc(&a, n);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq((uintptr_t)p % 8, 0);
        ck_assert(p >= last_end);
        ck_assert(is_zero(p, n));
        memset(p, 0xff, n);
        last_end = p + n;
    }
    arena_fini(&a);
}
END_TEST

START_TEST(cap_is_hard_and_rounded_up_to_pages)
{
    struct arena a;
    ck_assert_int_eq(arena_init(&a, 1), 0);
    ck_assert_uint_eq(a.cap_bytes, pages_round_up(1));
    size_t n = 0;
    while (arena_alloc(&a, 64))
        n += 64;
    ck_assert_uint_eq(n, a.cap_bytes);
    ck_assert_uint_eq(arena_used(&a), a.cap_bytes);
    arena_fini(&a);
}
END_TEST

START_TEST(a_request_larger_than_the_arena_takes_nothing)
{
    struct arena a;
    ck_assert_int_eq(arena_init(&a, 4096), 0);
    const size_t too_large[] = {0, a.cap_bytes + 1, SIZE_MAX, SIZE_MAX - 6};
    for (size_t i = 0; i < COUNT_OF(too_large); i++)
        ck_assert_ptr_null(arena_alloc(&a, too_large[i]));
    ck_assert_uint_eq(arena_used(&a), 0);
    ck_assert_ptr_nonnull(arena_alloc(&a, a.cap_bytes));
    arena_fini(&a);
}
END_TEST

START_TEST(a_full_arena_stays_full_however_often_it_is_asked)
{
    struct arena a;
    ck_assert_int_eq(arena_init(&a, 4096), 0);
    ck_assert_ptr_nonnull(arena_alloc(&a, a.cap_bytes - 8));
    for (int i = 0; i < 1000; i++)
        ck_assert_ptr_null(arena_alloc(&a, 4096));
    ck_assert_uint_eq(arena_used(&a), a.cap_bytes);
    arena_fini(&a);
}
END_TEST

START_TEST(reset_gives_zeroed_memory_again)
{
    struct arena a;
    ck_assert_int_eq(arena_init(&a, 100000), 0);
    memset(arena_alloc(&a, 50000), 0xaa, 50000);
    arena_reset(&a);
    ck_assert_uint_eq(arena_used(&a), 0);
    ck_assert(is_zero(arena_alloc(&a, 50000), 50000));
    arena_fini(&a);
}
END_TEST

START_TEST(reset_works_on_locked_memory)
{
    struct arena a;
    ck_assert_int_eq(arena_init(&a, 8192), 0);
    memset(arena_alloc(&a, 8000), 0xaa, 8000);
    mlock(a.base, a.cap_bytes); /* without the right to, this is the ordinary case again */
    arena_reset(&a);
    ck_assert(is_zero(arena_alloc(&a, 8000), 8000));
    arena_fini(&a);
}
END_TEST

START_TEST(a_failed_init_leaves_nothing)
{
    struct arena a;
    ck_assert_int_eq(arena_init(&a, SIZE_MAX), -EINVAL);
    ck_assert_ptr_null(a.base);
    ck_assert_int_eq(arena_init(&a, (size_t)1 << 60), -ENOMEM);
    ck_assert_ptr_null(a.base);
    arena_fini(&a);
}
END_TEST

enum { N_THREADS = 4, N_BLOCKS = 5000 };
static struct arena g_shared;

/* Each block is filled with its thread's number; an overlap shows. */
static void *fill_blocks(void *number)
{
    static _Thread_local unsigned char *blocks[N_BLOCKS];
    int mark = (int)(intptr_t)number;
    for (int i = 0; i < N_BLOCKS; i++) {
        blocks[i] = arena_alloc(&g_shared, 24);
        if (blocks[i])
            memset(blocks[i], mark, 24);
    }
    for (int i = 0; i < N_BLOCKS; i++)
        for (int k = 0; k < 24; k++)
            if (!blocks[i] || blocks[i][k] != mark)
                return (void *)"a block was shared";
    return NULL;
}

START_TEST(threads_get_disjoint_memory)
{
    pthread_t threads[N_THREADS];
    ck_assert_int_eq(arena_init(&g_shared, N_THREADS * N_BLOCKS * 24), 0);
    for (int i = 0; i < N_THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, fill_blocks, (void *)(intptr_t)(i + 1)),
                         0);
    for (int i = 0; i < N_THREADS; i++) {
        void *problem;
        pthread_join(threads[i], &problem);
        ck_assert_msg(!problem, "%s", (const char *)problem);
    }
    ck_assert_uint_eq(arena_used(&g_shared), N_THREADS * N_BLOCKS * 24);
    arena_fini(&g_shared);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tc = tcase_create("arena");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, memory_is_zeroed_aligned_and_disjoint);
    tcase_add_test(tc, cap_is_hard_and_rounded_up_to_pages);
    tcase_add_test(tc, a_request_larger_than_the_arena_takes_nothing);
    tcase_add_test(tc, a_full_arena_stays_full_however_often_it_is_asked);
    tcase_add_test(tc, reset_gives_zeroed_memory_again);
    tcase_add_test(tc, reset_works_on_locked_memory);
    tcase_add_test(tc, a_failed_init_leaves_nothing);
    tcase_add_test(tc, threads_get_disjoint_memory);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
