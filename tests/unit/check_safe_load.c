/* check_safe_load.c — os/safe_load and os/context, with real faults.
 * Not for ThreadSanitizer: it runs handlers with every signal blocked, and a fault there kills. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/atomics.h"
#include "os/context.h"
#include "os/safe_load.h"

static char *g_page; /* readable ... */
static char *g_hole; /* ... and the page after it, which is not */
static long g_page_bytes;

static void map_pages(void)
{
    g_page_bytes = sysconf(_SC_PAGESIZE);
    g_page = mmap(NULL, 2 * (size_t)g_page_bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(g_page, MAP_FAILED);
    g_hole = g_page + g_page_bytes;
    for (long i = 0; i < g_page_bytes; i++)
        g_page[i] = (char)(i + 1);
    mprotect(g_hole, (size_t)g_page_bytes, PROT_NONE);
}

static void set_up(void)
{
    struct err e;
    map_pages();
    ck_assert_msg(safe_load_install(&e) == 0, "%s", e.text);
}

static void tear_down(void)
{
    ck_assert_int_eq(safe_load_remove(), 0);
    munmap(g_page, 2 * (size_t)g_page_bytes);
}

static uint64_t load(int width, uintptr_t addr, bool *faulted)
{
    switch (width) {
    case 1: return safe_load8(addr, faulted);
    case 2: return safe_load16(addr, faulted);
    case 4: return safe_load32(addr, faulted);
    default: return safe_load64(addr, faulted);
    }
}

static const int g_widths[] = {1, 2, 4, 8};

START_TEST(loads_of_every_width_and_alignment_give_the_bytes)
{
    for (size_t w = 0; w < COUNT_OF(g_widths); w++)
        for (int offset = 0; offset < 9; offset++) {
            bool faulted = false;
            uint64_t expected = 0;
            memcpy(&expected, g_page + offset, (size_t)g_widths[w]);
            ck_assert_uint_eq(load(g_widths[w], (uintptr_t)g_page + (uintptr_t)offset, &faulted),
                              expected);
            ck_assert(!faulted);
        }
}
END_TEST

START_TEST(high_bits_are_not_sign_extended)
{
    bool faulted = false;
    memset(g_page, 0xff, 8);
    ck_assert_uint_eq(safe_load8((uintptr_t)g_page, &faulted), 0xff);
    ck_assert_uint_eq(safe_load16((uintptr_t)g_page, &faulted), 0xffff);
    ck_assert_uint_eq(safe_load32((uintptr_t)g_page, &faulted), 0xffffffff);
    ck_assert_uint_eq(safe_load64((uintptr_t)g_page, &faulted), UINT64_MAX);
}
END_TEST

START_TEST(loads_of_bad_addresses_give_zero_and_the_flag)
{
    /* unmapped, null, kernel, not canonical (a general protection fault, without an address) */
    const uintptr_t bad[] = {
        (uintptr_t)g_hole, 0, 8, UINTPTR_MAX, UINTPTR_MAX & ~(uintptr_t)7, 0xffff800000000000,
        0x0123456789abcdef};
    for (size_t w = 0; w < COUNT_OF(g_widths); w++)
        for (size_t i = 0; i < COUNT_OF(bad); i++) {
            bool faulted = false;
            ck_assert_uint_eq(load(g_widths[w], bad[i], &faulted), 0);
            ck_assert(faulted);
        }
}
END_TEST

START_TEST(a_load_touches_no_byte_beyond_its_width)
{
    for (size_t w = 0; w < COUNT_OF(g_widths); w++) {
        bool faulted = false;
        load(g_widths[w], (uintptr_t)g_hole - (uintptr_t)g_widths[w], &faulted);
        ck_assert(!faulted);
        if (g_widths[w] > 1) {
            load(g_widths[w], (uintptr_t)g_hole - 1, &faulted);
            ck_assert(faulted);
        }
    }
}
END_TEST

START_TEST(the_flag_is_sticky)
{
    bool faulted = false;
    safe_load64((uintptr_t)g_hole, &faulted);
    safe_load64((uintptr_t)g_page, &faulted);
    ck_assert(faulted);
}
END_TEST

START_TEST(a_bus_error_is_caught_too)
{
    FILE *f = tmpfile();
    ck_assert_int_eq(ftruncate(fileno(f), 2 * g_page_bytes), 0);
    char *map = mmap(NULL, 2 * (size_t)g_page_bytes, PROT_READ, MAP_SHARED, fileno(f), 0);
    ck_assert_ptr_ne(map, MAP_FAILED);
    ck_assert_int_eq(ftruncate(fileno(f), g_page_bytes), 0);
    bool faulted = false;
    safe_load32((uintptr_t)map, &faulted);
    ck_assert(!faulted);
    ck_assert_uint_eq(safe_load32((uintptr_t)map + (uintptr_t)g_page_bytes, &faulted), 0);
    ck_assert(faulted);
    munmap(map, 2 * (size_t)g_page_bytes);
    fclose(f);
}
END_TEST

START_TEST(copy_of_readable_memory_is_exact)
{
    char to[40];
    for (size_t n = 0; n <= 33; n++) {
        memset(to, 0x77, sizeof to);
        ck_assert(safe_copy(to, (uintptr_t)g_page + 3, n));
        ck_assert_mem_eq(to, g_page + 3, n);
        ck_assert_int_eq(to[n], 0x77);
    }
}
END_TEST

START_TEST(copy_up_to_a_hole_works_and_into_it_fails)
{
    char to[64];
    for (size_t n = 1; n <= 40; n++) {
        ck_assert(safe_copy(to, (uintptr_t)g_hole - n, n));
        ck_assert_mem_eq(to, g_hole - n, n);
        ck_assert(!safe_copy(to, (uintptr_t)g_hole - n + 1, n));
    }
}
END_TEST

START_TEST(errno_is_kept_over_a_fault)
{
    bool faulted = false;
    errno = EXDEV;
    safe_load64((uintptr_t)g_hole, &faulted);
    ck_assert_int_eq(errno, EXDEV);
}
END_TEST

/* --- in a handler ----------------------------------------------------------------------------- */

static atomic_u32 g_n_handled, g_n_faulted, g_is_armed;

static void load_in_handler(int signo, siginfo_t *info, void *ucontext)
{
    (void)signo;
    (void)info;
    bool faulted = false;
    store_relaxed(&g_is_armed, safe_load_is_armed(ucontext));
    if (load_relaxed(&g_is_armed))
        for (int i = 0; i < 10; i++)
            safe_load64((uintptr_t)g_hole, &faulted);
    add_relaxed(&g_n_faulted, faulted);
    add_relaxed(&g_n_handled, 1);
}

static void handle_sigprof(int more_flags)
{
    struct sigaction sa = {.sa_flags = SA_SIGINFO | more_flags};
    sa.sa_sigaction = load_in_handler;
    sigfillset(&sa.sa_mask);
    sigdelset(&sa.sa_mask, SIGSEGV);
    sigdelset(&sa.sa_mask, SIGBUS);
    ck_assert_int_eq(sigaction(SIGPROF, &sa, NULL), 0);
}

START_TEST(loads_may_fault_inside_a_signal_handler)
{
    handle_sigprof(0);
    for (int i = 0; i < 100; i++)
        raise(SIGPROF);
    ck_assert_uint_eq(load_relaxed(&g_n_faulted), 100);
}
END_TEST

START_TEST(loads_may_fault_on_an_alternate_stack)
{
    stack_t stack = {.ss_size = 65536, .ss_sp = malloc(65536)};
    ck_assert_int_eq(sigaltstack(&stack, NULL), 0);
    handle_sigprof(SA_ONSTACK);
    for (int i = 0; i < 100; i++)
        raise(SIGPROF);
    ck_assert_uint_eq(load_relaxed(&g_n_faulted), 100);
    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    free(stack.ss_sp);
}
END_TEST

START_TEST(loads_are_not_armed_where_faults_are_blocked)
{
    static const int blocked[] = {SIGSEGV, SIGBUS};
    handle_sigprof(0);
    raise(SIGPROF);
    ck_assert_uint_eq(load_relaxed(&g_is_armed), 1);
    for (size_t i = 0; i < COUNT_OF(blocked); i++) {
        sigset_t set, old;
        sigemptyset(&set);
        sigaddset(&set, blocked[i]);
        pthread_sigmask(SIG_BLOCK, &set, &old);
        raise(SIGPROF);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        ck_assert_uint_eq(load_relaxed(&g_is_armed), 0);
    }
}
END_TEST

static void *load_for_long(void *bad)
{
    for (int i = 0; i < 20000; i++) {
        bool faulted = false;
        uint64_t v = safe_load64(i % 2 ? (uintptr_t)bad : (uintptr_t)g_page, &faulted);
        if (faulted != (i % 2 == 1) || (v == 0) != faulted)
            return (void *)"a load gave the wrong answer";
    }
    return NULL;
}

START_TEST(many_threads_may_fault_at_once)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, load_for_long, g_hole);
    for (int i = 0; i < 4; i++) {
        void *problem;
        pthread_join(threads[i], &problem);
        ck_assert_msg(!problem, "%s", (const char *)problem);
    }
}
END_TEST

static struct cpu_context g_seen;
static void *g_greg_pc;

static void get_context(int signo, siginfo_t *info, void *ucontext)
{
    (void)signo;
    (void)info;
    cpu_context_get(ucontext, &g_seen);
    g_greg_pc = (void *)((ucontext_t *)ucontext)->uc_mcontext.gregs[REG_RIP];
}

START_TEST(the_context_is_that_of_the_interrupted_code)
{
    struct sigaction sa = {.sa_flags = SA_SIGINFO};
    sa.sa_sigaction = get_context;
    ck_assert_int_eq(sigaction(SIGPROF, &sa, NULL), 0);
    char here;
    raise(SIGPROF);
    ck_assert_ptr_eq((void *)g_seen.pc, g_greg_pc);
    ck_assert_ptr_ne(g_greg_pc, NULL);
    ck_assert_uint_lt((uintptr_t)&here - g_seen.sp, 65536); /* deeper in the same stack */
}
END_TEST

/* --- other people's handlers ------------------------------------------------------------------ */

static sigjmp_buf g_back;
static atomic_u32 g_n_theirs;
static sigset_t g_mask_in_theirs;

static void their_siginfo(int signo, siginfo_t *info, void *ucontext)
{
    (void)ucontext;
    add_relaxed(&g_n_theirs, signo == SIGSEGV && info->si_addr == g_hole);
    pthread_sigmask(SIG_SETMASK, NULL, &g_mask_in_theirs);
    siglongjmp(g_back, 1);
}

static void their_plain(int signo)
{
    add_relaxed(&g_n_theirs, signo == SIGSEGV);
    siglongjmp(g_back, 1);
}

static void fault(void)
{
    if (sigsetjmp(g_back, 1) == 0)
        *(volatile char *)g_hole = 1;
}

static struct sigaction theirs(int flags)
{
    struct sigaction sa = {.sa_flags = flags};
    if (flags & SA_SIGINFO)
        sa.sa_sigaction = their_siginfo;
    else
        sa.sa_handler = their_plain;
    return sa;
}

START_TEST(other_faults_go_to_the_handler_before_us)
{
    static const int flags[] = {SA_SIGINFO, 0, SA_SIGINFO | SA_NODEFER, SA_ONSTACK};
    map_pages();
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        struct sigaction sa = theirs(flags[i]);
        sigaction(SIGSEGV, &sa, NULL);
        ck_assert_int_eq(safe_load_install(NULL), 0);
        bool faulted = false;
        safe_load64((uintptr_t)g_hole, &faulted);
        ck_assert(faulted);
        ck_assert_uint_eq(load_relaxed(&g_n_theirs), i);
        fault();
        ck_assert_uint_eq(load_relaxed(&g_n_theirs), i + 1);
        ck_assert_int_eq(safe_load_remove(), 0);
    }
}
END_TEST

START_TEST(the_handler_before_us_finds_the_mask_it_asked_for)
{
    map_pages();
    struct sigaction sa = theirs(SA_SIGINFO);
    sigaddset(&sa.sa_mask, SIGUSR1);
    sigaction(SIGSEGV, &sa, NULL);
    ck_assert_int_eq(safe_load_install(NULL), 0);
    fault();
    ck_assert_int_eq(sigismember(&g_mask_in_theirs, SIGUSR1), 1);
    ck_assert_int_eq(sigismember(&g_mask_in_theirs, SIGSEGV), 1);
    ck_assert_int_eq(sigismember(&g_mask_in_theirs, SIGUSR2), 0);
    struct sigaction now;
    sigaction(SIGSEGV, NULL, &now);
    ck_assert_int_eq(now.sa_flags & SA_ONSTACK, 0);
    ck_assert_int_eq(safe_load_remove(), 0);
}
END_TEST

START_TEST(remove_puts_the_handler_before_us_back)
{
    struct sigaction sa = theirs(SA_SIGINFO), now;
    sigaction(SIGSEGV, &sa, NULL);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(safe_load_install(NULL), 0);
        ck_assert_int_eq(safe_load_install(NULL), 0); /* twice is once */
        sigaction(SIGSEGV, NULL, &now);
        ck_assert(now.sa_sigaction != their_siginfo);
        ck_assert_int_eq(safe_load_remove(), 0);
        ck_assert_int_eq(safe_load_remove(), 0);
        sigaction(SIGSEGV, NULL, &now);
        ck_assert(now.sa_sigaction == their_siginfo);
    }
}
END_TEST

static struct sigaction g_over; /* what was there when somebody came after us */

static void their_forwarder(int signo, siginfo_t *info, void *ucontext)
{
    add_relaxed(&g_n_handled, 1);
    g_over.sa_sigaction(signo, info, ucontext);
}

START_TEST(we_stay_as_a_forwarder_under_a_handler_that_came_after_us)
{
    map_pages();
    struct sigaction before = theirs(SA_SIGINFO), after = {.sa_flags = SA_SIGINFO}, now;
    after.sa_sigaction = their_forwarder;
    sigaction(SIGSEGV, &before, NULL);
    ck_assert_int_eq(safe_load_install(NULL), 0);
    sigaction(SIGSEGV, &after, &g_over);
    ck_assert_int_eq(safe_load_remove(), -EBUSY);
    sigaction(SIGSEGV, NULL, &now);
    ck_assert(now.sa_sigaction == their_forwarder);
    fault(); /* after -> ours -> before */
    ck_assert_uint_eq(load_relaxed(&g_n_handled), 1);
    ck_assert_uint_eq(load_relaxed(&g_n_theirs), 1);
    ck_assert_int_eq(safe_load_install(NULL), 0); /* no loop, and loads work through it */
    bool faulted = false;
    safe_load64((uintptr_t)g_hole, &faulted);
    ck_assert(faulted);
    fault();
    ck_assert_uint_eq(load_relaxed(&g_n_theirs), 2);
    sigaction(SIGSEGV, &g_over, NULL); /* they leave and put us back */
    ck_assert_int_eq(safe_load_remove(), 0);
    sigaction(SIGSEGV, NULL, &now);
    ck_assert(now.sa_sigaction == their_siginfo);
}
END_TEST

/* --- the default action, in a child that dies ------------------------------------------------- */

/* The signal that ends a child running body() with our handler over the given one; 0 if it lives.
 */
static int death_of(struct sigaction before, void (*body)(void))
{
    map_pages();
    pid_t child = fork();
    if (child == 0) {
        sigaction(SIGSEGV, &before, NULL);
        safe_load_install(NULL);
        body();
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void write_to_hole(void)
{
    *(volatile char *)g_hole = 1;
}
static void send_to_self(void)
{
    kill(getpid(), SIGSEGV);
}

static void fault_twice(void)
{
    fault();
    fault();
}

static void fault_once(void)
{
    fault();
}

START_TEST(without_a_handler_before_us_a_fault_kills)
{
    ck_assert_int_eq(death_of((struct sigaction){.sa_handler = SIG_DFL}, write_to_hole), SIGSEGV);
    ck_assert_int_eq(death_of((struct sigaction){.sa_handler = SIG_IGN}, write_to_hole), SIGSEGV);
}
END_TEST

START_TEST(a_signal_that_was_sent_kills_or_is_ignored_as_before)
{
    ck_assert_int_eq(death_of((struct sigaction){.sa_handler = SIG_DFL}, send_to_self), SIGSEGV);
    ck_assert_int_eq(death_of((struct sigaction){.sa_handler = SIG_IGN}, send_to_self), 0);
}
END_TEST

START_TEST(a_handler_for_one_call_gets_one_call)
{
    struct sigaction once = theirs((int)SA_RESETHAND | SA_SIGINFO);
    ck_assert_int_eq(death_of(once, fault_once), 0);
    ck_assert_int_eq(death_of(once, fault_twice), SIGSEGV);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("safe_load");
    TCase *loads = tcase_create("loads"), *chain = tcase_create("chain");
    suite_add_tcase(suite, loads);
    suite_add_tcase(suite, chain);
    tcase_add_checked_fixture(loads, set_up, tear_down);
    tcase_add_test(loads, loads_of_every_width_and_alignment_give_the_bytes);
    tcase_add_test(loads, high_bits_are_not_sign_extended);
    tcase_add_test(loads, loads_of_bad_addresses_give_zero_and_the_flag);
    tcase_add_test(loads, a_load_touches_no_byte_beyond_its_width);
    tcase_add_test(loads, the_flag_is_sticky);
    tcase_add_test(loads, a_bus_error_is_caught_too);
    tcase_add_test(loads, copy_of_readable_memory_is_exact);
    tcase_add_test(loads, copy_up_to_a_hole_works_and_into_it_fails);
    tcase_add_test(loads, errno_is_kept_over_a_fault);
    tcase_add_test(loads, loads_may_fault_inside_a_signal_handler);
    tcase_add_test(loads, loads_may_fault_on_an_alternate_stack);
    tcase_add_test(loads, loads_are_not_armed_where_faults_are_blocked);
    tcase_add_test(loads, many_threads_may_fault_at_once);
    tcase_add_test(loads, the_context_is_that_of_the_interrupted_code);
    tcase_add_test(chain, other_faults_go_to_the_handler_before_us);
    tcase_add_test(chain, the_handler_before_us_finds_the_mask_it_asked_for);
    tcase_add_test(chain, remove_puts_the_handler_before_us_back);
    tcase_add_test(chain, we_stay_as_a_forwarder_under_a_handler_that_came_after_us);
    tcase_add_test(chain, without_a_handler_before_us_a_fault_kills);
    tcase_add_test(chain, a_signal_that_was_sent_kills_or_is_ignored_as_before);
    tcase_add_test(chain, a_handler_for_one_call_gets_one_call);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
