/* check_gc.c — record/gc_ring, gc_config and gc_events: pauses of a made-up JVM. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attrs.h"
#include "record/gc_config.h"
#include "record/gc_events.h"
#include "record/gc_ring.h"
#include "support/fake_perf.h"
#include "support/read_events.h"

enum { MS = 1000000 };

/* --- the ring --------------------------------------------------------------------------------- */

static struct fake_perf g_fake;
static struct perf_data g_perf;
static struct vm_heap g_heap;
static struct gc_sources g_sources;
static int64_t *g_young, *g_full, *g_used, *g_capacity;
static char *g_cause, *g_last_cause;

static void make_jvm(void)
{
    fake_perf_init(&g_fake);
    g_young = fake_perf_number(&g_fake, "sun.gc.collector.0.invocations", 5);
    g_full = fake_perf_number(&g_fake, "sun.gc.collector.1.invocations", 1);
    g_used = fake_perf_number(&g_fake, "sun.gc.generation.0.space.0.used", 1000);
    g_capacity = fake_perf_number(&g_fake, "sun.gc.generation.1.capacity", 5000);
    fake_perf_number(&g_fake, "sun.gc.policy.tenuringThreshold", 15);
    g_cause = fake_perf_text(&g_fake, "sun.gc.cause", "No GC", 40);
    g_last_cause = fake_perf_text(&g_fake, "sun.gc.lastCause", "No GC", 40);
    g_perf = (struct perf_data){.start = (uintptr_t)g_fake.bytes};
    ck_assert(perf_data_index(g_fake.bytes, sizeof g_fake.bytes, &g_perf));
    vm_heap_open(&g_heap, HEAP_COUNTERS, &g_perf);
    g_sources = (struct gc_sources){.heap = &g_heap, .perf = &g_perf};
    gc_ring_open(&g_sources);
}

static void close_ring(void)
{
    gc_ring_close();
}

START_TEST(a_pause_has_its_times_its_collector_and_what_it_freed)
{
    struct gc_pause p;
    gc_ring_pause_begins();
    ++*g_young;
    *g_used = 400;
    *g_capacity = 6000;
    strcpy(g_cause, "G1 Evacuation Pause");
    gc_ring_pause_ends();
    ck_assert(gc_ring_take(&p));
    ck_assert_uint_le(p.start_ns, p.end_ns);
    ck_assert_int_eq(p.tid, gettid());
    ck_assert_uint_eq(p.collectors, GC_RAN_YOUNG);
    ck_assert_uint_eq(p.used_before, 1000);
    ck_assert_uint_eq(p.used_after, 400);
    ck_assert_uint_eq(p.committed_before, 5000);
    ck_assert_uint_eq(p.committed_after, 6000);
    ck_assert_int_eq(p.tenuring_threshold, 15);
    ck_assert_str_eq(p.cause, "G1 Evacuation Pause");
    ck_assert(!gc_ring_take(&p));
}
END_TEST

START_TEST(the_last_cause_counts_when_the_collection_is_left_already)
{
    struct gc_pause p;
    gc_ring_pause_begins();
    ++*g_young;
    ++*g_full;
    strcpy(g_last_cause, "System.gc()");
    gc_ring_pause_ends();
    ck_assert(gc_ring_take(&p));
    ck_assert_str_eq(p.cause, "System.gc()");
    ck_assert_uint_eq(p.collectors, GC_RAN_YOUNG | GC_RAN_FULL);
}
END_TEST

START_TEST(a_full_ring_loses_the_newest_and_counts_them)
{
    struct gc_pause p;
    for (int i = 0; i < GC_RING_RECORDS + 3; i++) {
        *g_used = i;
        gc_ring_pause_begins();
        gc_ring_pause_ends();
    }
    ck_assert_uint_eq(gc_ring_lost(), 3);
    for (int i = 0; i < GC_RING_RECORDS; i++) {
        ck_assert(gc_ring_take(&p));
        ck_assert_uint_eq(p.used_before, (uint64_t)i);
    }
    ck_assert(!gc_ring_take(&p));
    gc_ring_pause_begins();
    gc_ring_pause_ends();
    ck_assert(gc_ring_take(&p));
}
END_TEST

START_TEST(only_whole_pauses_while_the_ring_is_open_are_noted)
{
    struct gc_pause p;
    gc_ring_pause_begins();
    gc_ring_close();
    gc_ring_pause_ends();
    gc_ring_pause_begins();
    gc_ring_open(&g_sources);
    gc_ring_pause_ends();
    ck_assert(!gc_ring_take(&p));
    gc_ring_pause_begins();
    gc_ring_pause_ends();
    gc_ring_open(&g_sources); /* another recording */
    ck_assert(!gc_ring_take(&p));
}
END_TEST

START_TEST(without_counters_a_pause_still_has_its_times)
{
    static struct vm_heap heap;
    static struct gc_sources sources = {.heap = &heap};
    struct gc_pause p;
    vm_heap_open(&heap, HEAP_COUNTERS, NULL);
    gc_ring_open(&sources);
    gc_ring_pause_begins();
    gc_ring_pause_ends();
    ck_assert(gc_ring_take(&p));
    ck_assert_uint_eq(p.collectors, 0);
    ck_assert_str_eq(p.cause, "");
    ck_assert_uint_eq(p.used_before, 0);
}
END_TEST

/* --- the configuration ------------------------------------------------------------------------ */

START_TEST(collectors_have_hotspots_names)
{
    static const struct {
        struct gc_config config;
        uint32_t young, old, full;
        enum vm_heap_kind heap;
    } cases[] = {
        {{.UseG1GC = 1}, JFR_GC_NAME_G1_NEW, JFR_GC_NAME_G1_OLD, JFR_GC_NAME_G1_FULL, HEAP_G1},
        {{.UseParallelGC = 1},
         JFR_GC_NAME_PARALLEL_SCAVENGE,
         JFR_GC_NAME_PARALLEL_OLD,
         JFR_GC_NAME_PARALLEL_OLD,
         HEAP_PARALLEL},
        {{.UseSerialGC = 1},
         JFR_GC_NAME_DEF_NEW,
         JFR_GC_NAME_SERIAL_OLD,
         JFR_GC_NAME_SERIAL_OLD,
         HEAP_SERIAL},
        {{.UseZGC = 1, .major = 17}, JFR_GC_NAME_NONE, JFR_GC_NAME_Z, JFR_GC_NAME_Z, HEAP_COUNTERS},
        {{.UseZGC = 1, .major = 25},
         JFR_GC_NAME_Z_MINOR,
         JFR_GC_NAME_Z_MAJOR,
         JFR_GC_NAME_Z_MAJOR,
         HEAP_COUNTERS},
        {{.UseShenandoahGC = 1},
         JFR_GC_NAME_NONE,
         JFR_GC_NAME_SHENANDOAH,
         JFR_GC_NAME_SHENANDOAH,
         HEAP_COUNTERS},
        {{.UseConcMarkSweepGC = 1},
         JFR_GC_NAME_PAR_NEW,
         JFR_GC_NAME_CMS,
         JFR_GC_NAME_SERIAL_OLD,
         HEAP_COUNTERS},
        {{.UseEpsilonGC = 1}, JFR_GC_NAME_NONE, JFR_GC_NAME_NONE, JFR_GC_NAME_NONE, HEAP_COUNTERS},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct gc_config *c = &cases[i].config;
        ck_assert_uint_eq(gc_config_young(c), cases[i].young);
        ck_assert_uint_eq(gc_config_old(c), cases[i].old);
        ck_assert_uint_eq(gc_config_collection(c, GC_RAN_YOUNG), cases[i].young);
        ck_assert_uint_eq(gc_config_collection(c, GC_RAN_CONCURRENT), cases[i].old);
        ck_assert_uint_eq(gc_config_collection(c, GC_RAN_YOUNG | GC_RAN_FULL), cases[i].full);
        ck_assert_uint_eq(gc_config_collection(c, 0), JFR_GC_NAME_NONE);
        ck_assert_int_eq(gc_config_heap(c), cases[i].heap);
    }
}
END_TEST

START_TEST(operations_are_named_by_collector_cause_and_version)
{
    struct gc_config c = {.UseG1GC = 1, .major = 17};
    ck_assert_uint_eq(gc_config_operation(&c, GC_RAN_YOUNG, "G1 Evacuation Pause"),
                      JFR_VM_OPERATION_TYPE_G1_FOR_ALLOCATION);
    ck_assert_uint_eq(gc_config_operation(&c, GC_RAN_FULL, "System.gc()"),
                      JFR_VM_OPERATION_TYPE_G1_FULL);
    ck_assert_uint_eq(gc_config_operation(&c, GC_RAN_CONCURRENT, "No GC"), 0);
    ck_assert_uint_eq(gc_config_operation(&c, GC_RAN_FULL, "Metadata GC Threshold"),
                      JFR_VM_OPERATION_TYPE_FOR_METADATA);
    c = (struct gc_config){.UseSerialGC = 1, .major = 21};
    ck_assert_uint_eq(gc_config_operation(&c, GC_RAN_YOUNG, "Allocation Failure"),
                      JFR_VM_OPERATION_TYPE_GEN_FOR_ALLOCATION);
    c.major = 25;
    ck_assert_uint_eq(gc_config_operation(&c, GC_RAN_FULL, "Diagnostic Command"),
                      JFR_VM_OPERATION_TYPE_SERIAL_COLLECT);
    c = (struct gc_config){.UseZGC = 1, .major = 25};
    ck_assert_uint_eq(gc_config_operation(&c, GC_RAN_YOUNG, "Warmup"), 0);
}
END_TEST

START_TEST(compressed_references_have_hotspots_modes)
{
    ck_assert_uint_eq(gc_config_oop_mode(0, 0, 8), JFR_NARROW_OOP_MODE_UNSCALED);
    ck_assert_uint_eq(gc_config_oop_mode(0, 3, 8), JFR_NARROW_OOP_MODE_ZERO_BASED);
    ck_assert_uint_eq(gc_config_oop_mode(UINT64_C(64) << 30, 3, 8),
                      JFR_NARROW_OOP_MODE_DISJOINT_BASE);
    ck_assert_uint_eq(gc_config_oop_mode((UINT64_C(64) << 30) + 4096, 3, 8),
                      JFR_NARROW_OOP_MODE_HEAP_BASED);
}
END_TEST

START_TEST(flags_are_taken_by_name)
{
    struct gc_config c = {0};
    static struct vm_flag flag = {.name = "MaxGCPauseMillis", .i = 200};
    gc_config_take(&c, &flag);
    ck_assert_int_eq(c.MaxGCPauseMillis, 200);
    ck_assert(!c.has_pause_target);
    flag.origin = JFR_FLAG_VALUE_ORIGIN_COMMAND_LINE;
    gc_config_take(&c, &flag);
    ck_assert(c.has_pause_target);
    strcpy(flag.name, "SomethingElse");
    flag.i = 1;
    gc_config_take(&c, &flag);
    ck_assert_int_eq(c.MaxGCPauseMillis, 200);
}
END_TEST

/* --- events ----------------------------------------------------------------------------------- */

static struct jfr_sink_mem g_sink;
static struct jfr_writer *g_writer;

static void open_writer(void)
{
    struct jfr_writer_options options = {
        .clock = {.start_epoch_ns = 1, .ticks_per_sec = 1000000000}};
    jfr_sink_mem_init(&g_sink, 1 << 20);
    ck_assert_int_eq(jfr_writer_open(&g_writer, &g_sink.base, &options, NULL), 0);
}

static void close_writer(void)
{
    jfr_writer_close(g_writer, 10, NULL, NULL);
    jfr_sink_mem_fini(&g_sink);
}

static int get(const char *type, const char *const *names, struct read_event *out, int max)
{
    jfr_writer_flush(g_writer, 10);
    return read_events(&g_sink, type, names, out, max);
}

static const struct gc_config k_g1 = {
    .UseG1GC = 1, .major = 17, .GCPauseIntervalMillis = 201, .MaxGCPauseMillis = 200};

static struct gc_events g1_events(void)
{
    return (struct gc_events){.config = &k_g1,
                              .reserved_start = 0x10000,
                              .reserved_bytes = 0x8000,
                              .collector_names = {"young", "full", "concurrent"}};
}

static struct gc_pause young_pause(uint64_t start_ns)
{
    return (struct gc_pause){.start_ns = start_ns,
                             .end_ns = start_ns + 10 * MS,
                             .tid = 7,
                             .collectors = GC_RAN_YOUNG,
                             .collector = {{.entry = 501 * MS, .exit = 509 * MS}},
                             .user_ns = 15 * MS,
                             .system_ns = MS,
                             .used_before = 0x4000,
                             .used_after = 0x1000,
                             .committed_before = 0x6000,
                             .committed_after = 0x9000, /* more than there is */
                             .tenuring_threshold = 3,
                             .metaspace = {.used = 50, .committed = 60, .reserved = 100},
                             .class_space = {.used = 20, .committed = 25, .reserved = 40},
                             .cause = "G1 Evacuation Pause"};
}

START_TEST(a_young_pause_becomes_the_jdks_events)
{
    static const char *const gc[] = {"gcId", "name", "cause", "duration", "longestPause", NULL};
    static const char *const young[] = {"tenuringThreshold", NULL};
    static const char *const heap[] = {"startTime", "when", "heapUsed", NULL};
    static const char *const pause[] = {"startTime", "duration", "eventThread", NULL};
    struct read_event e[2];
    struct gc_events g = g1_events();
    struct gc_pause p = young_pause(1000 * MS);
    gc_events_write(&g, g_writer, &p, 42);
    ck_assert_int_eq(get("jdk.GarbageCollection", gc, e, 2), 1);
    ck_assert_int_eq(e[0].v[0].i, 0);
    ck_assert_int_eq(e[0].v[1].i, JFR_GC_NAME_G1_NEW);
    ck_assert_int_eq(e[0].v[2].i, JFR_GC_CAUSE_G1_EVACUATION_PAUSE);
    ck_assert_int_eq(e[0].v[3].i, 10 * MS);
    ck_assert_int_eq(e[0].v[4].i, 10 * MS);
    ck_assert_int_eq(get("jdk.YoungGarbageCollection", young, e, 2), 1);
    ck_assert_int_eq(e[0].v[0].i, 3);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.OldGarbageCollection"), 0);
    ck_assert_int_eq(get("jdk.GCHeapSummary", heap, e, 2), 2);
    ck_assert_int_eq(e[0].v[0].i, 1000 * MS);
    ck_assert_int_eq(e[0].v[1].i, JFR_GC_WHEN_BEFORE);
    ck_assert_int_eq(e[0].v[2].i, 0x4000);
    ck_assert_int_eq(e[1].v[0].i, 1010 * MS);
    ck_assert_int_eq(e[1].v[1].i, JFR_GC_WHEN_AFTER);
    ck_assert_int_eq(e[1].v[2].i, 0x1000);
    ck_assert_int_eq(get("jdk.GCPhasePause", pause, e, 2), 1);
    ck_assert_int_eq(e[0].v[0].i, 1000 * MS);
    ck_assert_int_eq(e[0].v[2].i, 42);
    ck_assert_int_eq(get("jdk.GCPhasePauseLevel1", pause, e, 2), 1);
    ck_assert_int_eq(e[0].v[0].i, 1002 * MS); /* up to the pause's end, which is all we know */
    ck_assert_int_eq(e[0].v[1].i, 8 * MS);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.MetaspaceSummary"), 1);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.GCCPUTime"), 1);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.ExecuteVMOperation"), 1);
}
END_TEST

START_TEST(every_pause_has_an_id_and_old_ones_are_old)
{
    static const char *const gc[] = {"gcId", "name", "cause", NULL};
    struct read_event e[2];
    struct gc_events g = g1_events();
    struct gc_pause p = young_pause(1000 * MS);
    gc_events_write(&g, g_writer, &p, 0);
    p.collectors = GC_RAN_FULL;
    strcpy(p.cause, "a cause of the future");
    gc_events_write(&g, g_writer, &p, 0);
    ck_assert_int_eq(get("jdk.GarbageCollection", gc, e, 2), 2);
    ck_assert_int_eq(e[1].v[0].i, 1);
    ck_assert_int_eq(e[1].v[1].i, JFR_GC_NAME_G1_FULL);
    ck_assert_int_eq(e[1].v[2].i, JFR_GC_CAUSE_UNKNOWN);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.OldGarbageCollection"), 1);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.YoungGarbageCollection"), 1);
}
END_TEST

START_TEST(the_time_in_pauses_is_that_of_the_last_slice)
{
    static const char *const mmu[] = {"timeSlice", "gcTime", "pauseTarget", NULL};
    struct read_event e[3];
    struct gc_events g = g1_events();
    for (uint64_t i = 0; i < 3; i++) {
        struct gc_pause p = young_pause((1000 + 100 * i) * MS);
        gc_events_write(&g, g_writer, &p, 0);
    }
    ck_assert_int_eq(get("jdk.G1MMU", mmu, e, 3), 3);
    ck_assert_int_eq(e[0].v[0].i, 201);
    ck_assert_int_eq(e[0].v[2].i, 200);
    ck_assert_int_eq(e[0].v[1].i, 10);
    ck_assert_int_eq(e[1].v[1].i, 20);
    ck_assert_int_eq(e[2].v[1].i, 21); /* a millisecond of the first one is left */
    ck_assert_uint_eq(gc_events_paused_ns(&g, 1005 * MS, 1102 * MS), 7 * MS);
}
END_TEST

START_TEST(impossible_readings_give_no_phase)
{
    struct gc_events g = g1_events();
    struct gc_pause p = young_pause(1000 * MS);
    p.collector[0].exit = p.collector[0].entry - 1;
    gc_events_write(&g, g_writer, &p, 0);
    p.collector[0].exit = p.collector[0].entry + 11 * MS; /* longer than the pause */
    gc_events_write(&g, g_writer, &p, 0);
    jfr_writer_flush(g_writer, 10);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.GCPhasePauseLevel1"), 0);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.GCPhasePause"), 2);
}
END_TEST

START_TEST(each_type_of_flag_has_its_event_and_locked_ones_none)
{
    static const char *const names[VM_FLAG_UNKNOWN] = {
        "jdk.BooleanFlag",      "jdk.IntFlag",          "jdk.UnsignedIntFlag",  "jdk.LongFlag",
        "jdk.UnsignedLongFlag", "jdk.UnsignedLongFlag", "jdk.UnsignedLongFlag", "jdk.DoubleFlag",
        "jdk.StringFlag",       "jdk.StringFlag"};
    static struct vm_flag flag = {.name = "Name", .text = "text"};
    for (int type = 0; type <= VM_FLAG_UNKNOWN; type++) {
        flag.type = (enum vm_flag_type)type;
        gc_config_write_flag(g_writer, 1, &flag);
    }
    flag.type = VM_FLAG_BOOL;
    flag.is_locked = true;
    gc_config_write_flag(g_writer, 1, &flag);
    jfr_writer_flush(g_writer, 10);
    for (int type = 0; type < VM_FLAG_UNKNOWN; type++) {
        int n = 0;
        for (int k = 0; k < VM_FLAG_UNKNOWN; k++)
            n += strcmp(names[k], names[type]) == 0;
        ck_assert_int_eq(read_events_count(&g_sink, names[type]), n);
    }
}
END_TEST

START_TEST(the_configuration_is_what_the_flags_say)
{
    static const char *const gc[] = {"youngCollector", "pauseTarget", "gcTimeRatio", NULL};
    static const char *const heap[] = {"minSize", "heapAddressBits", "compressedOopsMode", NULL};
    struct read_event e[1];
    struct gc_config c = {.UseG1GC = 1,
                          .GCTimeRatio = 12,
                          .InitialHeapSize = 77,
                          .UseCompressedOops = 1,
                          .has_encoding = true,
                          .oop_shift = 3};
    gc_config_write(g_writer, 1, &c);
    ck_assert_int_eq(get("jdk.GCConfiguration", gc, e, 1), 1);
    ck_assert_int_eq(e[0].v[0].i, JFR_GC_NAME_G1_NEW);
    ck_assert_int_eq(e[0].v[1].i, INT64_MIN);
    ck_assert_int_eq(e[0].v[2].i, 12);
    ck_assert_int_eq(get("jdk.GCHeapConfiguration", heap, e, 1), 1);
    ck_assert_int_eq(e[0].v[0].i, 77);
    ck_assert_int_eq(e[0].v[1].i, 32);
    ck_assert_int_eq(e[0].v[2].i, JFR_NARROW_OOP_MODE_ZERO_BASED);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.YoungGenerationConfiguration"), 1);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.GCSurvivorConfiguration"), 1);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.GCTLABConfiguration"), 1);
    ck_assert_int_eq(read_events_count(&g_sink, "jdk.CodeCacheConfiguration"), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gc");
    TCase *ring = tcase_create("ring"), *config = tcase_create("config");
    TCase *events = tcase_create("events");
    suite_add_tcase(suite, ring);
    suite_add_tcase(suite, config);
    suite_add_tcase(suite, events);
    tcase_add_checked_fixture(ring, make_jvm, close_ring);
    tcase_add_checked_fixture(events, open_writer, close_writer);
    tcase_add_test(ring, a_pause_has_its_times_its_collector_and_what_it_freed);
    tcase_add_test(ring, the_last_cause_counts_when_the_collection_is_left_already);
    tcase_add_test(ring, a_full_ring_loses_the_newest_and_counts_them);
    tcase_add_test(ring, only_whole_pauses_while_the_ring_is_open_are_noted);
    tcase_add_test(ring, without_counters_a_pause_still_has_its_times);
    tcase_add_test(config, collectors_have_hotspots_names);
    tcase_add_test(config, operations_are_named_by_collector_cause_and_version);
    tcase_add_test(config, compressed_references_have_hotspots_modes);
    tcase_add_test(config, flags_are_taken_by_name);
    tcase_add_test(events, a_young_pause_becomes_the_jdks_events);
    tcase_add_test(events, every_pause_has_an_id_and_old_ones_are_old);
    tcase_add_test(events, the_time_in_pauses_is_that_of_the_last_slice);
    tcase_add_test(events, impossible_readings_give_no_phase);
    tcase_add_test(events, each_type_of_flag_has_its_event_and_locked_ones_none);
    tcase_add_test(events, the_configuration_is_what_the_flags_say);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
