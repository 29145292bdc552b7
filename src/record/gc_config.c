/* gc_config.c — the JVM's flags to events. Recorder thread. */
#include "record/gc_config.h"

#include <stddef.h>
#include <string.h>

#include "base/attrs.h"
#include "record/gc_ring.h"

enum { FIRST_GENERATIONAL_Z = 21, FIRST_RENAMED_OPERATIONS = 22 };

static const struct {
    const char *name;
    size_t member;
} k_wanted[] = {
#define GC_CONFIG_ROW(flag) {#flag, offsetof(struct gc_config, flag)},
    GC_CONFIG_FLAGS(GC_CONFIG_ROW)
#undef GC_CONFIG_ROW
};

void gc_config_take(void *ctx, const struct vm_flag *flag)
{
    struct gc_config *c = ctx;
    for (size_t i = 0; i < COUNT_OF(k_wanted); i++)
        if (strcmp(flag->name, k_wanted[i].name) == 0)
            memcpy((char *)c + k_wanted[i].member, &flag->i, sizeof flag->i);
    if (strcmp(flag->name, "MaxGCPauseMillis") == 0)
        c->has_pause_target = flag->origin != JFR_FLAG_VALUE_ORIGIN_DEFAULT;
}

enum vm_heap_kind gc_config_heap(const struct gc_config *c)
{
    if (c->UseG1GC)
        return HEAP_G1;
    if (c->UseParallelGC || c->UseParallelOldGC)
        return HEAP_PARALLEL;
    return c->UseSerialGC ? HEAP_SERIAL : HEAP_COUNTERS;
}

uint32_t gc_config_young(const struct gc_config *c)
{
    if (c->UseG1GC)
        return JFR_GC_NAME_G1_NEW;
    if (c->UseParallelGC || c->UseParallelOldGC)
        return JFR_GC_NAME_PARALLEL_SCAVENGE;
    if (c->UseConcMarkSweepGC)
        return JFR_GC_NAME_PAR_NEW;
    if (c->UseZGC && c->major >= FIRST_GENERATIONAL_Z)
        return JFR_GC_NAME_Z_MINOR;
    return c->UseSerialGC ? JFR_GC_NAME_DEF_NEW : JFR_GC_NAME_NONE;
}

uint32_t gc_config_old(const struct gc_config *c)
{
    if (c->UseG1GC)
        return JFR_GC_NAME_G1_OLD;
    if (c->UseParallelGC || c->UseParallelOldGC)
        return JFR_GC_NAME_PARALLEL_OLD;
    if (c->UseConcMarkSweepGC)
        return JFR_GC_NAME_CMS;
    if (c->UseZGC)
        return c->major >= FIRST_GENERATIONAL_Z ? JFR_GC_NAME_Z_MAJOR : JFR_GC_NAME_Z;
    if (c->UseShenandoahGC)
        return JFR_GC_NAME_SHENANDOAH;
    return c->UseSerialGC ? JFR_GC_NAME_SERIAL_OLD : JFR_GC_NAME_NONE;
}

uint32_t gc_config_collection(const struct gc_config *c, unsigned collectors)
{
    if ((collectors & GC_RAN_FULL) && c->UseG1GC)
        return JFR_GC_NAME_G1_FULL;
    if (collectors & GC_RAN_FULL)
        return c->UseConcMarkSweepGC ? JFR_GC_NAME_SERIAL_OLD : gc_config_old(c);
    if (collectors & GC_RAN_CONCURRENT)
        return gc_config_old(c);
    return collectors & GC_RAN_YOUNG ? gc_config_young(c) : JFR_GC_NAME_NONE;
}

/* Somebody asked for it; otherwise memory ran out. */
static bool is_explicit(const char *cause)
{
    static const char *const k_begin[] = {"System.gc()", "JvmtiEnv", "Heap Inspection",
                                          "Heap Dump",   "WhiteBox", "Diagnostic"};
    for (size_t i = 0; i < COUNT_OF(k_begin); i++)
        if (strncmp(cause, k_begin[i], strlen(k_begin[i])) == 0)
            return true;
    return false;
}

uint32_t gc_config_operation(const struct gc_config *c, unsigned collectors, const char *cause)
{
    static const struct {
        uint32_t explicit_one, other;
    } k_names[][2] = {
        /* before JDK 22, from it on */
        [HEAP_G1] = {{JFR_VM_OPERATION_TYPE_G1_FULL, JFR_VM_OPERATION_TYPE_G1_FOR_ALLOCATION},
                     {JFR_VM_OPERATION_TYPE_G1_FULL, JFR_VM_OPERATION_TYPE_G1_FOR_ALLOCATION}},
        [HEAP_PARALLEL] = {{JFR_VM_OPERATION_TYPE_PARALLEL_SYSTEM_GC,
                            JFR_VM_OPERATION_TYPE_PARALLEL_FAILED_ALLOCATION},
                           {JFR_VM_OPERATION_TYPE_PARALLEL_COLLECT,
                            JFR_VM_OPERATION_TYPE_PARALLEL_FOR_ALLOCATION}},
        [HEAP_SERIAL] = {
            {JFR_VM_OPERATION_TYPE_GEN_FULL, JFR_VM_OPERATION_TYPE_GEN_FOR_ALLOCATION},
            {JFR_VM_OPERATION_TYPE_SERIAL_COLLECT, JFR_VM_OPERATION_TYPE_SERIAL_FOR_ALLOCATION}}};
    enum vm_heap_kind kind = gc_config_heap(c);
    if (kind == HEAP_COUNTERS || !(collectors & (GC_RAN_YOUNG | GC_RAN_FULL)))
        return 0;
    if (strncmp(cause, "Metadata", 8) == 0)
        return JFR_VM_OPERATION_TYPE_FOR_METADATA;
    bool is_new = c->major >= FIRST_RENAMED_OPERATIONS;
    return is_explicit(cause) ? k_names[kind][is_new].explicit_one : k_names[kind][is_new].other;
}

uint32_t gc_config_oop_mode(uint64_t base, uint32_t shift, int64_t alignment)
{
    uint64_t encodable = (uint64_t)(alignment > 0 ? alignment : 8) << 32;
    if (base)
        return base % encodable == 0 ? JFR_NARROW_OOP_MODE_DISJOINT_BASE
                                     : JFR_NARROW_OOP_MODE_HEAP_BASED;
    return shift ? JFR_NARROW_OOP_MODE_ZERO_BASED : JFR_NARROW_OOP_MODE_UNSCALED;
}

/* --- events ----------------------------------------------------------------------------------- */

static void write_collector(struct jfr_writer *w, uint64_t ticks, const struct gc_config *c)
{
    jfr_write_gc_configuration(
        w, &(struct jfr_gc_configuration){.startTime = (int64_t)ticks,
                                          .youngCollector = gc_config_young(c),
                                          .oldCollector = gc_config_old(c),
                                          .parallelGCThreads = (int32_t)c->ParallelGCThreads,
                                          .concurrentGCThreads = (int32_t)c->ConcGCThreads,
                                          .usesDynamicGCThreads = c->UseDynamicNumberOfGCThreads,
                                          .isExplicitGCConcurrent = c->ExplicitGCInvokesConcurrent,
                                          .isExplicitGCDisabled = c->DisableExplicitGC,
                                          /* readers show this as "not applicable" */
                                          .pauseTarget =
                                              c->has_pause_target ? c->MaxGCPauseMillis : INT64_MIN,
                                          .gcTimeRatio = (int32_t)c->GCTimeRatio});
}

static void write_heap(struct jfr_writer *w, uint64_t ticks, const struct gc_config *c)
{
    jfr_write_gc_heap_configuration(
        w, &(struct jfr_gc_heap_configuration){
               .startTime = (int64_t)ticks,
               .minSize = c->MinHeapSize ? c->MinHeapSize : c->InitialHeapSize,
               .maxSize = c->MaxHeapSize,
               .initialSize = c->InitialHeapSize,
               .usesCompressedOops = c->UseCompressedOops,
               .compressedOopsMode =
                   c->has_encoding && c->UseCompressedOops
                       ? gc_config_oop_mode(c->oop_base, c->oop_shift, c->ObjectAlignmentInBytes)
                       : JFR_NARROW_OOP_MODE_UNSCALED,
               .objectAlignment = c->ObjectAlignmentInBytes,
               .heapAddressBits = c->UseCompressedOops ? 32 : 64});
}

static void write_generations(struct jfr_writer *w, uint64_t ticks, const struct gc_config *c)
{
    jfr_write_young_generation_configuration(
        w, &(struct jfr_young_generation_configuration){.startTime = (int64_t)ticks,
                                                        .minSize = c->NewSize,
                                                        .maxSize = c->MaxNewSize,
                                                        .newRatio = (int32_t)c->NewRatio});
    jfr_write_gc_survivor_configuration(
        w, &(struct jfr_gc_survivor_configuration){
               .startTime = (int64_t)ticks,
               .maxTenuringThreshold = (int8_t)c->MaxTenuringThreshold,
               .initialTenuringThreshold = (int8_t)c->InitialTenuringThreshold});
    jfr_write_gc_tlab_configuration(
        w, &(struct jfr_gc_tlab_configuration){.startTime = (int64_t)ticks,
                                               .usesTLABs = c->UseTLAB,
                                               .minTLABSize = c->MinTLABSize,
                                               .tlabRefillWasteLimit = c->TLABRefillWasteFraction});
}

static void write_code_cache(struct jfr_writer *w, uint64_t ticks, const struct gc_config *c)
{
    jfr_write_code_cache_configuration(
        w, &(struct jfr_code_cache_configuration){.startTime = (int64_t)ticks,
                                                  .initialSize = c->InitialCodeCacheSize,
                                                  .reservedSize = c->ReservedCodeCacheSize,
                                                  .nonNMethodSize = c->NonNMethodCodeHeapSize,
                                                  .profiledSize = c->ProfiledCodeHeapSize,
                                                  .nonProfiledSize = c->NonProfiledCodeHeapSize,
                                                  .expansionSize = c->CodeCacheExpansionSize,
                                                  .minBlockLength = c->CodeCacheMinBlockLength,
                                                  .startAddress = (int64_t)c->code_low,
                                                  .reservedTopAddress = (int64_t)c->code_high});
}

void gc_config_write(struct jfr_writer *w, uint64_t now_ticks, const struct gc_config *c)
{
    write_collector(w, now_ticks, c);
    write_heap(w, now_ticks, c);
    write_generations(w, now_ticks, c);
    write_code_cache(w, now_ticks, c);
}

/* --- flags ------------------------------------------------------------------------------------ */

/* A flag event of any type with an integer value. */
#define WRITE_NUMBER(c_name, c_type)                                              \
    jfr_write_##c_name(w, &(struct jfr_##c_name){.startTime = (int64_t)now_ticks, \
                                                 .name = flag->name,              \
                                                 .value = (c_type)flag->i,        \
                                                 .origin = flag->origin})

void gc_config_write_flag(struct jfr_writer *w, uint64_t now_ticks, const struct vm_flag *flag)
{
    if (flag->is_locked || flag->origin > JFR_FLAG_VALUE_ORIGIN_JIMAGE)
        return;
    switch (flag->type) {
    case VM_FLAG_BOOL: WRITE_NUMBER(boolean_flag, bool); break;
    case VM_FLAG_INT: WRITE_NUMBER(int_flag, int32_t); break;
    case VM_FLAG_UINT: WRITE_NUMBER(unsigned_int_flag, int32_t); break;
    case VM_FLAG_INTX: WRITE_NUMBER(long_flag, int64_t); break;
    case VM_FLAG_UINTX:
    case VM_FLAG_UINT64:
    case VM_FLAG_SIZE: WRITE_NUMBER(unsigned_long_flag, int64_t); break;
    case VM_FLAG_DOUBLE:
        jfr_write_double_flag(w, &(struct jfr_double_flag){.startTime = (int64_t)now_ticks,
                                                           .name = flag->name,
                                                           .value = flag->d,
                                                           .origin = flag->origin});
        break;
    case VM_FLAG_STRING:
    case VM_FLAG_STRINGS:
        jfr_write_string_flag(w,
                              &(struct jfr_string_flag){.startTime = (int64_t)now_ticks,
                                                        .name = flag->name,
                                                        .value = flag->is_null ? NULL : flag->text,
                                                        .origin = flag->origin});
        break;
    case VM_FLAG_UNKNOWN: break;
    }
}
