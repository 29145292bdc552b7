/* check_procfs.c — os/procfs: texts good and bad, and the real /proc of this process. */
#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attrs.h"
#include "os/clock.h"
#include "os/procfs.h"

/* --- /proc/PID/stat --------------------------------------------------------------------------- */

#define STAT_TAIL "S 1 2 3 4 5 6 7 8 9 10 111 222 15 16 17 18 77 20 987654 22 4242 24 25"

START_TEST(process_times_are_found_behind_any_name)
{
    static const char *const names[] = {"java", "a b", "x) S 9 9 9", "", "((", "new\nline"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char text[200];
        struct procfs_process p;
        int n = snprintf(text, sizeof text, "123 (%s) " STAT_TAIL "\n", names[i]);
        ck_assert(procfs_parse_process(text, (size_t)n, &p));
        ck_assert_uint_eq(p.user_ticks, 111);
        ck_assert_uint_eq(p.system_ticks, 222);
        ck_assert_uint_eq(p.n_threads, 77);
        ck_assert_uint_eq(p.start_ticks, 987654);
        ck_assert_uint_eq(p.rss_pages, 4242);
    }
}
END_TEST

START_TEST(malformed_process_texts_are_refused)
{
    static const char *const texts[] = {
        "",
        "123",
        "123 (java",
        "123 (java)",
        "123 (java) S 1 2 3",
        "1 (x) S 1 2 3 4 5 6 7 8 9 10 ten 222 15 16 17 18 77 20 987654 22 4242 24",
        "1 (x) S 1 2 3 4 5 6 7 8 9 10 99999999999999999999 2 15 16 17 18 77 20 9 22 42 24"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct procfs_process p;
        ck_assert_msg(!procfs_parse_process(texts[i], strlen(texts[i]), &p), "%s", texts[i]);
        ck_assert_uint_eq(p.user_ticks + p.start_ticks, 0);
    }
}
END_TEST

/* --- /proc/stat ------------------------------------------------------------------------------- */

START_TEST(machine_times_are_summed)
{
    static const struct {
        const char *text;
        bool is_good;
        uint64_t busy, all, switches;
    } cases[] = {
        {"cpu  100 20 30 1000 50 6 7 8 9 10\ncpu0 1 1 1 1\nctxt 12345\n", true, 171, 1221, 12345},
        {"cpu 1 2 3 4\n", true, 6, 10, 0},
        {"intr 1\nctxt 5\ncpu  1 2 3 4 5\n", true, 6, 15, 5},
        {"cpu  1 2 3\n", false, 0, 0, 0},
        {"cpu0 1 2 3 4\n", false, 0, 0, 0},
        {"cpu  a b c d\n", false, 0, 0, 0},
        {"cpu ", false, 0, 0, 0},
        {"", false, 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct procfs_machine m;
        ck_assert_int_eq(procfs_parse_machine(cases[i].text, strlen(cases[i].text), &m),
                         cases[i].is_good);
        ck_assert_uint_eq(m.busy_ticks, cases[i].busy);
        ck_assert_uint_eq(m.all_ticks, cases[i].all);
        ck_assert_uint_eq(m.n_switches, cases[i].switches);
    }
}
END_TEST

/* --- meminfo, status -------------------------------------------------------------------------- */

START_TEST(memory_is_total_and_used_in_bytes)
{
    static const struct {
        const char *text;
        bool is_good;
        uint64_t total, used;
    } cases[] = {
        {"MemTotal:  1000 kB\nMemFree: 100 kB\nMemAvailable:   400 kB\n", true, 1000, 600},
        {"MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 250 kB\n", true, 1000, 600},
        {"MemTotal: 1000 kB\nMemAvailable: 2000 kB\n", true, 1000, 0},
        {"MemAvailable: 400 kB\n", false, 0, 0},
        {"MemTotal: 1000 kB\n", false, 0, 0},
        {"MemTotal: lots\nMemAvailable: 1 kB\n", false, 0, 0},
        {"MemTotal: 18446744073709551615 kB\nMemAvailable: 1 kB\n", false, 0, 0},
        {"NotMemTotal: 5 kB\n MemTotal: 5 kB\nMemAvailable: 1 kB\n", false, 0, 0},
        {"", false, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct procfs_memory m;
        ck_assert_msg(procfs_parse_memory(cases[i].text, strlen(cases[i].text), &m) ==
                          cases[i].is_good,
                      "%s", cases[i].text);
        ck_assert_uint_eq(m.total_bytes, cases[i].total * 1024);
        ck_assert_uint_eq(m.used_bytes, cases[i].used * 1024);
    }
}
END_TEST

START_TEST(status_gives_memory_and_switches)
{
    static const char text[] = "Name:\tVmRSS: 1 kB\nVmHWM:\t   200 kB\nVmRSS:\t   100 kB\n"
                               "voluntary_ctxt_switches:\t15\nnonvoluntary_ctxt_switches:\t4\n";
    struct procfs_status s;
    ck_assert(procfs_parse_status(text, sizeof text - 1, &s));
    ck_assert_uint_eq(s.rss_bytes, 100 * 1024);
    ck_assert_uint_eq(s.rss_peak_bytes, 200 * 1024);
    ck_assert_uint_eq(s.n_voluntary, 15);
    ck_assert_uint_eq(s.n_involuntary, 4);
    ck_assert(!procfs_parse_status("Name: x\n", 8, &s));
    ck_assert(!procfs_parse_status("", 0, &s));
}
END_TEST

/* --- cpuinfo ---------------------------------------------------------------------------------- */

#define CPU(socket, core)                                                         \
    "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n" \
    "model name\t: Xeon(R) @ 2.00GHz\nstepping\t: 7\nphysical id\t: " socket      \
    "\nsiblings\t: 2\ncore id\t\t: " core "\ncpu cores\t: 1\nflags: fpu vme\n\n"

START_TEST(cores_and_sockets_are_counted_once)
{
    static const struct {
        const char *text;
        uint32_t threads, cores, sockets;
    } cases[] = {
        {CPU("0", "0"), 1, 1, 1},
        {CPU("0", "0") CPU("0", "0"), 2, 1, 1},
        {CPU("0", "0") CPU("0", "1"), 2, 2, 1},
        {CPU("0", "0") CPU("1", "0") CPU("0", "1") CPU("1", "1") CPU("1", "1"), 5, 4, 2},
        {CPU("3", "9"), 1, 1, 1},
        {CPU("x", "y"), 1, 0, 0},
        {"processor : 0\nprocessor : 1\n", 2, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct procfs_cpu c;
        ck_assert(procfs_parse_cpu(cases[i].text, strlen(cases[i].text), &c));
        ck_assert_uint_eq(c.n_threads, cases[i].threads);
        ck_assert_uint_eq(c.n_cores, cases[i].cores);
        ck_assert_uint_eq(c.n_sockets, cases[i].sockets);
    }
}
END_TEST

START_TEST(an_x86_processor_is_described)
{
    struct procfs_cpu c;
    static const char text[] = CPU("0", "0");
    ck_assert(procfs_parse_cpu(text, sizeof text - 1, &c));
    ck_assert_str_eq(c.model, "Xeon(R) @ 2.00GHz");
    ck_assert_str_eq(c.vendor, "GenuineIntel");
    ck_assert_int_eq(c.family, 6);
    ck_assert_int_eq(c.model_number, 85);
    ck_assert_int_eq(c.stepping, 7);
}
END_TEST

START_TEST(an_arm64_processor_is_described)
{
    static const char text[] = "processor\t: 0\nBogoMIPS\t: 243.75\nCPU implementer\t: 0x41\n"
                               "CPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\n"
                               "CPU revision\t: 1\n\n";
    struct procfs_cpu c;
    ck_assert(procfs_parse_cpu(text, sizeof text - 1, &c));
    ck_assert_str_eq(c.vendor, "0x41");
    ck_assert_int_eq(c.family, 8);
    ck_assert_int_eq(c.model_number, 0xd0c);
    ck_assert_int_eq(c.stepping, 1);
}
END_TEST

START_TEST(odd_cpu_texts_are_survived)
{
    static const char *const texts[] = {"", ":", "\n\n:\n", "processor", "model name: x\n"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct procfs_cpu c;
        ck_assert(!procfs_parse_cpu(texts[i], strlen(texts[i]), &c));
    }
    char longest[1000] = "processor: 0\nmodel name: ";
    memset(longest + strlen(longest), 'x', 900);
    struct procfs_cpu c;
    ck_assert(procfs_parse_cpu(longest, 925, &c));
    ck_assert_uint_eq(strlen(c.model), sizeof c.model - 1);
}
END_TEST

START_TEST(more_cores_than_can_be_told_apart_do_no_harm)
{
    enum { N = 5000, LINE = 64 };
    char *text = malloc(N * LINE);
    size_t n = 0;
    for (int i = 0; i < N; i++)
        n += (size_t)snprintf(text + n, LINE, "processor: %d\nphysical id: 0\ncore id: %d\n", i, i);
    struct procfs_cpu c;
    ck_assert(procfs_parse_cpu(text, n, &c));
    ck_assert_uint_eq(c.n_threads, N);
    ck_assert_uint_eq(c.n_cores, 2048);
    free(text);
}
END_TEST

/* --- maps ------------------------------------------------------------------------------------- */

static bool parse_map(const char *line, struct procfs_map *m)
{
    return procfs_parse_map(line, strlen(line), m);
}

START_TEST(a_mapping_has_all_its_parts)
{
    struct procfs_map m;
    ck_assert(
        parse_map("7f12a000-7f12b000 r-xp 0001f000 fe:1a 1234567   /usr/lib/a b.so (deleted)", &m));
    ck_assert_uint_eq(m.start, 0x7f12a000);
    ck_assert_uint_eq(m.end, 0x7f12b000);
    ck_assert(m.is_readable && !m.is_writable && m.is_executable && !m.is_shared);
    ck_assert_uint_eq(m.offset, 0x1f000);
    ck_assert_uint_eq(m.dev_major, 0xfe);
    ck_assert_uint_eq(m.dev_minor, 0x1a);
    ck_assert_uint_eq(m.inode, 1234567);
    ck_assert_uint_eq(m.n_path, strlen("/usr/lib/a b.so (deleted)"));
    ck_assert_mem_eq(m.path, "/usr/lib/a b.so (deleted)", m.n_path);
}
END_TEST

START_TEST(mappings_without_a_file_have_no_path)
{
    struct procfs_map m;
    ck_assert(parse_map("00400000-00401000 rw-s 00000000 00:00 0 ", &m));
    ck_assert_uint_eq(m.n_path, 0);
    ck_assert(m.is_shared && m.is_writable);
    ck_assert(parse_map("00400000-00401000 ---p 00000000 00:00 0", &m));
    ck_assert(!m.is_readable);
    ck_assert(
        parse_map("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0      [vsyscall]", &m));
    ck_assert_uint_eq(m.n_path, 10);
}
END_TEST

START_TEST(malformed_mappings_are_refused)
{
    static const char *const lines[] = {
        "",
        "x",
        "7f12a000",
        "7f12a000-",
        "-7f12b000 r-xp 0 00:00 0",
        "7f12a000-7f12b000",
        "7f12a000-7f12b000 r-x",
        "7f12a000-7f12b000 r-xq 0 00:00 0",
        "7f12a000-7f12b000 rwxp 0 0000 0",
        "7f12a000-7f12b000 rwxp 0 00:00",
        "7f12a000-7f12b000 rwxp 0 00:00 12z /x",
        "7f12b000-7f12a000 rwxp 0 00:00 0",
        "7f12a000-7f12a000 rwxp 0 00:00 0",
        "10000000000000000-20000000000000000 rwxp 0 00:00 0",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct procfs_map m;
        ck_assert_msg(!parse_map(lines[i], &m), "%s", lines[i]);
        ck_assert_uint_eq(m.start + m.end + m.n_path, 0);
    }
}
END_TEST

struct seen {
    char text[8192];
    int n;
};

static void note_map(void *ctx, const struct procfs_map *m)
{
    struct seen *seen = ctx;
    size_t n = strlen(seen->text);
    snprintf(seen->text + n, sizeof seen->text - n, "%" PRIxPTR ":%.*s ", m->start,
             (int)(m->n_path < 20 ? m->n_path : 20), m->path);
    seen->n++;
}

/* The file's mappings by way of a real file; n_bad too. */
static int each_map_of(const char *text, size_t n, struct seen *seen, size_t *n_bad)
{
    char path[] = "/tmp/check_procfs.XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
    close(fd);
    *seen = (struct seen){.n = 0};
    int rc = procfs_each_map(path, note_map, seen, n_bad);
    unlink(path);
    return rc;
}

START_TEST(malformed_lines_are_left_out_and_counted)
{
    static const char text[] = "1000-2000 r-xp 0 00:00 0 /a\n"
                               "garbage\n"
                               "\n"
                               "3000-4000 r-xp 0 00:00 0 /b\n"
                               "5000-6000 r-xp 0 00:0";
    static struct seen seen;
    size_t n_bad;
    ck_assert_int_eq(each_map_of(text, sizeof text - 1, &seen, &n_bad), 2);
    ck_assert_str_eq(seen.text, "1000:/a 3000:/b ");
    ck_assert_uint_eq(n_bad, 3);
    ck_assert_int_eq(each_map_of("", 0, &seen, &n_bad), 0);
    ck_assert_uint_eq(n_bad, 0);
    ck_assert_int_eq(procfs_each_map("/nonexistent", note_map, &seen, NULL), -ENOENT);
}
END_TEST

START_TEST(lines_of_any_length_are_survived)
{
    static const size_t lengths[] = {100, 4000, 4300, 4351, 4352, 4353, 10000, 100000};
    static const char first[] = "1000-2000 r-xp 0 00:00 0 /",
                      last[] = "\n3000-4000 r-xp 0 00:00 0 /b\n";
    static struct seen seen;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        size_t n = 0, n_bad, total = sizeof first - 1 + lengths[i] + sizeof last - 1;
        char *text = malloc(total);
        memcpy(text, first, n = sizeof first - 1);
        memset(text + n, 'x', lengths[i]);
        memcpy(text + n + lengths[i], last, sizeof last - 1);
        int n_maps = each_map_of(text, total, &seen, &n_bad);
        ck_assert_int_eq(n_maps, n + lengths[i] < 4352 ? 2 : 1);
        ck_assert_uint_eq(n_bad, (size_t)(2 - n_maps));
        ck_assert_ptr_nonnull(strstr(seen.text, "3000:/b "));
        free(text);
    }
}
END_TEST

struct search {
    uintptr_t addr;
    int n_found;
};

static void find_addr(void *ctx, const struct procfs_map *m)
{
    struct search *s = ctx;
    s->n_found += m->start <= s->addr && s->addr < m->end;
}

START_TEST(the_real_maps_have_every_mapping_once)
{
    enum { N = 300 }; /* more than one read's worth; alternating rights keep them apart */
    char *pages = mmap(NULL, N * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < N; i += 2)
        mprotect(pages + i * 4096, 4096, PROT_READ | PROT_WRITE);
    for (int i = 0; i < N; i += 37) {
        struct search s = {.addr = (uintptr_t)pages + (uintptr_t)i * 4096};
        size_t n_bad;
        ck_assert_int_ge(procfs_each_map("/proc/self/maps", find_addr, &s, &n_bad), N);
        ck_assert_int_eq(s.n_found, 1);
        ck_assert_uint_eq(n_bad, 0);
    }
    munmap(pages, N * 4096);
}
END_TEST

/* --- the real /proc --------------------------------------------------------------------------- */

START_TEST(this_process_has_plausible_numbers)
{
    struct procfs_process p;
    struct procfs_machine m, later;
    struct procfs_memory mem;
    struct procfs_status s, t;
    ck_assert_int_eq(procfs_process(&p), 0);
    ck_assert_uint_ge(p.n_threads, 1);
    ck_assert_uint_gt(p.rss_pages, 0);
    ck_assert_int_eq(procfs_machine(&m), 0);
    ck_assert_int_eq(procfs_machine(&later), 0);
    ck_assert_uint_le(m.busy_ticks, m.all_ticks);
    ck_assert_uint_ge(later.all_ticks, m.all_ticks);
    ck_assert_uint_gt(m.n_switches, 0);
    ck_assert_int_eq(procfs_memory(&mem), 0);
    ck_assert_uint_le(mem.used_bytes, mem.total_bytes);
    ck_assert_int_eq(procfs_status(&s), 0);
    ck_assert_uint_le(s.rss_bytes, s.rss_peak_bytes);
    ck_assert_int_eq(procfs_thread_status(getpid(), &t), 0);
    ck_assert_uint_ge(t.n_voluntary + t.n_involuntary, s.n_voluntary);
    ck_assert_int_eq(procfs_thread_status(1 << 30, &t), -ENOENT);
}
END_TEST

START_TEST(this_machine_has_processors)
{
    struct procfs_cpu c;
    ck_assert_int_eq(procfs_cpu(&c), 0);
    ck_assert_uint_ge(c.n_threads, 1);
    ck_assert_uint_ge(c.n_threads, c.n_cores);
    ck_assert_uint_ge(c.n_cores, c.n_sockets);
    ck_assert_uint_ge(c.n_sockets, 1);
}
END_TEST

START_TEST(a_process_started_after_its_parent_and_before_now)
{
    int64_t before = (int64_t)(clock_epoch_ns() / 1000000);
    pid_t child = fork();
    if (child == 0) {
        int64_t start = procfs_start_epoch_ms();
        int64_t now = (int64_t)(clock_epoch_ns() / 1000000);
        _exit(start >= before - 20 && start <= now + 20 ? 0 : 1); /* ticks of 10 ms */
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(the_os_is_described_as_hotspot_does)
{
    char text[4096];
    struct utsname u;
    uname(&u);
    size_t n = procfs_os_description(text, sizeof text);
    ck_assert_uint_eq(n, strlen(text));
    const char *line = strstr(text, "uname: Linux ");
    ck_assert_ptr_nonnull(line);
    ck_assert_ptr_nonnull(strstr(line, u.release));
    ck_assert_ptr_nonnull(strstr(line, "\nlibc: "));
    ck_assert_int_eq(text[n - 1], '\n');
}
END_TEST

START_TEST(the_description_is_cut_at_its_buffer)
{
    char whole[4096], part[64];
    procfs_os_description(whole, sizeof whole);
    for (size_t cap = 1; cap <= sizeof part; cap++) {
        memset(part, 0x7f, sizeof part);
        ck_assert_uint_eq(procfs_os_description(part, cap), cap - 1);
        ck_assert_mem_eq(part, whole, cap - 1);
        ck_assert_int_eq(part[cap - 1], 0);
        if (cap < sizeof part)
            ck_assert_int_eq(part[cap], 0x7f);
    }
    ck_assert_uint_eq(procfs_os_description(part, 0), 0);
}
END_TEST

START_TEST(read_gives_the_beginning_or_an_error)
{
    char buf[8];
    ck_assert_int_eq(procfs_read("/proc/self/stat", buf, sizeof buf), 7);
    ck_assert_uint_eq(strlen(buf), 7);
    ck_assert_int_eq(procfs_read("/nonexistent", buf, sizeof buf), -ENOENT);
    ck_assert_str_eq(buf, "");
    ck_assert_int_eq(procfs_read("/proc", buf, sizeof buf), -EISDIR);
    ck_assert_str_eq(buf, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("procfs");
    TCase *texts = tcase_create("texts"), *real = tcase_create("real");
    suite_add_tcase(suite, texts);
    suite_add_tcase(suite, real);
    tcase_add_test(texts, process_times_are_found_behind_any_name);
    tcase_add_test(texts, malformed_process_texts_are_refused);
    tcase_add_test(texts, machine_times_are_summed);
    tcase_add_test(texts, memory_is_total_and_used_in_bytes);
    tcase_add_test(texts, status_gives_memory_and_switches);
    tcase_add_test(texts, cores_and_sockets_are_counted_once);
    tcase_add_test(texts, an_x86_processor_is_described);
    tcase_add_test(texts, an_arm64_processor_is_described);
    tcase_add_test(texts, odd_cpu_texts_are_survived);
    tcase_add_test(texts, more_cores_than_can_be_told_apart_do_no_harm);
    tcase_add_test(texts, a_mapping_has_all_its_parts);
    tcase_add_test(texts, mappings_without_a_file_have_no_path);
    tcase_add_test(texts, malformed_mappings_are_refused);
    tcase_add_test(texts, malformed_lines_are_left_out_and_counted);
    tcase_add_test(texts, lines_of_any_length_are_survived);
    tcase_add_test(real, the_real_maps_have_every_mapping_once);
    tcase_add_test(real, this_process_has_plausible_numbers);
    tcase_add_test(real, this_machine_has_processors);
    tcase_add_test(real, a_process_started_after_its_parent_and_before_now);
    tcase_add_test(real, the_os_is_described_as_hotspot_does);
    tcase_add_test(real, the_description_is_cut_at_its_buffer);
    tcase_add_test(real, read_gives_the_beginning_or_an_error);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
