/* gc_config.h — which collector the JVM has and how it is set up, out of its flags; and the flags
 * themselves. Recorder thread. Pure but for the writing. */
#ifndef RECORD_GC_CONFIG_H
#define RECORD_GC_CONFIG_H

#include "jfr/writer.h"
#include "vm/flags.h"
#include "vm/heap.h"

/* X(flag): those of which the events below are made. A flag the JVM lacks is 0. */
#define GC_CONFIG_FLAGS(X)         \
    X(UseSerialGC)                 \
    X(UseParallelGC)               \
    X(UseParallelOldGC)            \
    X(UseG1GC)                     \
    X(UseZGC)                      \
    X(UseShenandoahGC)             \
    X(UseConcMarkSweepGC)          \
    X(UseEpsilonGC)                \
    X(ParallelGCThreads)           \
    X(ConcGCThreads)               \
    X(UseDynamicNumberOfGCThreads) \
    X(ExplicitGCInvokesConcurrent) \
    X(DisableExplicitGC)           \
    X(MaxGCPauseMillis)            \
    X(GCPauseIntervalMillis)       \
    X(GCTimeRatio)                 \
    X(MinHeapSize)                 \
    X(MaxHeapSize)                 \
    X(InitialHeapSize)             \
    X(UseCompressedOops)           \
    X(ObjectAlignmentInBytes)      \
    X(NewSize)                     \
    X(MaxNewSize)                  \
    X(NewRatio)                    \
    X(MaxTenuringThreshold)        \
    X(InitialTenuringThreshold)    \
    X(UseTLAB)                     \
    X(MinTLABSize)                 \
    X(TLABRefillWasteFraction)     \
    X(InitialCodeCacheSize)        \
    X(ReservedCodeCacheSize)       \
    X(NonNMethodCodeHeapSize)      \
    X(ProfiledCodeHeapSize)        \
    X(NonProfiledCodeHeapSize)     \
    X(CodeCacheExpansionSize)      \
    X(CodeCacheMinBlockLength)

struct gc_config {
#define GC_CONFIG_MEMBER(flag) int64_t flag;
    GC_CONFIG_FLAGS(GC_CONFIG_MEMBER)
#undef GC_CONFIG_MEMBER
    bool has_pause_target; /* MaxGCPauseMillis was set by somebody */
    int major;             /* of the JVM */
    /* facts.h */
    bool has_encoding, has_code_bounds;
    uint64_t oop_base;
    uint32_t oop_shift;
    uintptr_t code_low, code_high;
};

/* Take a flag, if it is one of those wanted; ctx: struct gc_config. For vm_flags_each(). */
void gc_config_take(void *ctx, const struct vm_flag *flag);
enum vm_heap_kind gc_config_heap(const struct gc_config *c);

/* Ids in the pool GCName, as HotSpot's GCConfiguration has them. */
uint32_t gc_config_young(const struct gc_config *c);
uint32_t gc_config_old(const struct gc_config *c);
/* Of a collection in which these collectors ran (GC_RAN_*, gc_ring.h). */
uint32_t gc_config_collection(const struct gc_config *c, unsigned collectors);
/* Id in the pool VMOperationType of the operation that collects for this cause (gc_ring.h); 0 when
 * that can't be told: the pauses of concurrent collectors. */
uint32_t gc_config_operation(const struct gc_config *c, unsigned collectors, const char *cause);
/* Id in the pool NarrowOopMode (HotSpot's CompressedOops::mode). */
uint32_t gc_config_oop_mode(uint64_t base, uint32_t shift, int64_t alignment);

/* GCConfiguration, GCHeapConfiguration, YoungGenerationConfiguration, GCSurvivorConfiguration,
 * GCTLABConfiguration, CodeCacheConfiguration. */
void gc_config_write(struct jfr_writer *w, uint64_t now_ticks, const struct gc_config *c);

/* The event for a flag: BooleanFlag, IntFlag, ... None for one that is locked, as in the JDK. */
void gc_config_write_flag(struct jfr_writer *w, uint64_t now_ticks, const struct vm_flag *flag);

#endif
