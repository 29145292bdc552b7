/* check_cgroup.c — os/cgroup and os/hypervisor: texts of the kernel, and made-up trees. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attrs.h"
#include "os/cgroup.h"
#include "os/hypervisor.h"

static const char k_v1[] = "9:name=systemd:/init\n4:memory:/docker/a:b\n2:cpuacct,cpu:/docker/c\n";

START_TEST(the_path_of_a_controller_is_found)
{
    char path[32];
    ck_assert(cgroup_parse_path(k_v1, "memory", path, sizeof path));
    ck_assert_str_eq(path, "/docker/a:b");
    ck_assert(cgroup_parse_path(k_v1, "cpu", path, sizeof path));
    ck_assert_str_eq(path, "/docker/c");
    ck_assert(!cgroup_parse_path(k_v1, "pids", path, sizeof path));
    ck_assert(!cgroup_parse_path(k_v1, "", path, sizeof path));
    ck_assert(cgroup_parse_path("0::/user.slice\n", "", path, sizeof path));
    ck_assert_str_eq(path, "/user.slice");
}
END_TEST

START_TEST(odd_texts_have_no_path)
{
    static const char *const texts[] = {"", "\n\n", "4:memory", "4", ":", "memory:/x", "4:mem:/x"};
    char path[8];
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        ck_assert_msg(!cgroup_parse_path(texts[i], "memory", path, sizeof path), "%s", texts[i]);
    ck_assert(!cgroup_parse_path("4:memory:/too/long\n", "memory", path, sizeof path));
}
END_TEST

START_TEST(limits_are_numbers_or_none)
{
    static const struct {
        const char *text;
        int64_t limit;
    } cases[] = {{"0\n", 0},
                 {"100000", 100000},
                 {"max\n", -1},
                 {"-1\n", -1},
                 {"", -1},
                 {"12x", -1},
                 {"50000 100000\n", 50000},
                 {"9223372036854771712\n", -1}, /* version 1's "none" */
                 {"99999999999999999999999\n", -1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        ck_assert_int_eq(cgroup_parse_limit(cases[i].text), cases[i].limit);
}
END_TEST

START_TEST(weights_become_shares)
{
    ck_assert_int_eq(cgroup_shares_of_weight(100), -1); /* the default: none */
    ck_assert_int_eq(cgroup_shares_of_weight(0), -1);
    ck_assert_int_eq(cgroup_shares_of_weight(10001), -1);
    ck_assert_int_eq(cgroup_shares_of_weight(1), 28);
    ck_assert_int_eq(cgroup_shares_of_weight(39), 1024);
    ck_assert_int_eq(cgroup_shares_of_weight(79), 2048);
    ck_assert_int_eq(cgroup_shares_of_weight(10000), 262144);
}
END_TEST

/* --- trees ------------------------------------------------------------------------------------ */

static char g_root[64];

static void put(const char *path, const char *text)
{
    char full[256];
    snprintf(full, sizeof full, "%s/%s", g_root, path);
    for (char *p = full + strlen(g_root) + 1; (p = strchr(p, '/')); p++) {
        *p = 0;
        mkdir(full, 0700);
        *p = '/';
    }
    FILE *f = fopen(full, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void make_root(void)
{
    strcpy(g_root, "/tmp/check_cgroup_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(g_root));
}

static void remove_root(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", g_root);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(version_1_is_read_from_the_groups_own_folders)
{
    struct cgroup_limits c;
    put("proc/self/cgroup", "4:memory:/app\n2:cpu:/app\n");
    put("sys/fs/cgroup/cpu/app/cgroup.procs", "1\n");
    put("sys/fs/cgroup/cpu/app/cpu.cfs_quota_us", "150000\n");
    put("sys/fs/cgroup/cpu/app/cpu.cfs_period_us", "100000\n");
    put("sys/fs/cgroup/cpu/app/cpu.shares", "512\n");
    put("sys/fs/cgroup/memory/app/cgroup.procs", "1\n");
    put("sys/fs/cgroup/memory/app/memory.limit_in_bytes", "1073741824\n");
    put("sys/fs/cgroup/memory/app/memory.soft_limit_in_bytes", "9223372036854771712\n");
    ck_assert(cgroup_read_in(g_root, &c));
    ck_assert(!c.is_v2);
    ck_assert_int_eq(c.cpu_quota_us, 150000);
    ck_assert_int_eq(c.cpu_period_us, 100000);
    ck_assert_int_eq(c.cpu_shares, 512);
    ck_assert_int_eq(c.memory_limit, 1073741824);
    ck_assert_int_eq(c.memory_soft, -1);
    ck_assert_int_eq(c.memory_swap_limit, -1);
}
END_TEST

START_TEST(version_2_is_read_from_the_root_when_the_path_is_out_of_sight)
{
    struct cgroup_limits c;
    put("proc/self/cgroup", "0::/outside/the/container\n");
    put("sys/fs/cgroup/cpu.max", "200000 100000\n");
    put("sys/fs/cgroup/cpu.weight", "39\n");
    put("sys/fs/cgroup/memory.max", "536870912\n");
    put("sys/fs/cgroup/memory.swap.max", "1048576\n");
    put("sys/fs/cgroup/memory.low", "0\n");
    ck_assert(cgroup_read_in(g_root, &c));
    ck_assert(c.is_v2);
    ck_assert_int_eq(c.cpu_quota_us, 200000);
    ck_assert_int_eq(c.cpu_period_us, 100000);
    ck_assert_int_eq(c.cpu_shares, 1024);
    ck_assert_int_eq(c.memory_limit, 536870912);
    ck_assert_int_eq(c.memory_swap_limit, 537919488);
    ck_assert_int_eq(c.memory_soft, 0);
}
END_TEST

START_TEST(no_limits_and_no_cgroups)
{
    struct cgroup_limits c;
    ck_assert(!cgroup_read_in(g_root, &c));
    put("proc/self/cgroup", "0::/\n");
    put("sys/fs/cgroup/cpu.max", "max 100000\n");
    ck_assert(cgroup_read_in(g_root, &c));
    ck_assert_int_eq(c.cpu_quota_us, -1);
    ck_assert_int_eq(c.cpu_period_us, 100000);
    ck_assert_int_eq(c.memory_limit, -1);
}
END_TEST

START_TEST(hypervisors_are_known_by_their_signature)
{
    ck_assert_str_eq(hypervisor_of_signature("KVMKVMKVM\0\0\0"), "KVM virtualization");
    ck_assert_str_eq(hypervisor_of_signature("VMwareVMware"), "VMWare virtualization");
    ck_assert_str_eq(hypervisor_of_signature("nothing here"), "No virtualization detected");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cgroup");
    TCase *texts = tcase_create("texts"), *trees = tcase_create("trees");
    suite_add_tcase(suite, texts);
    suite_add_tcase(suite, trees);
    tcase_add_checked_fixture(trees, make_root, remove_root);
    tcase_add_test(texts, the_path_of_a_controller_is_found);
    tcase_add_test(texts, odd_texts_have_no_path);
    tcase_add_test(texts, limits_are_numbers_or_none);
    tcase_add_test(texts, weights_become_shares);
    tcase_add_test(texts, hypervisors_are_known_by_their_signature);
    tcase_add_test(trees, version_1_is_read_from_the_groups_own_folders);
    tcase_add_test(trees, version_2_is_read_from_the_root_when_the_path_is_out_of_sight);
    tcase_add_test(trees, no_limits_and_no_cgroups);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
