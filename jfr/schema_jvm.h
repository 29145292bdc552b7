/* schema_jvm.h — the part of schema.h's lists that describes the machine and the JVM: garbage
 * collections, configuration, flags, periodic measurements. Same rules, same macros; included by
 * schema.h and by nothing else.
 *
 * Layouts, labels and units are those of `jfr metadata` of JDK 17; of ResidentSetSize, JavaAgent,
 * NativeAgent and GCCPUTime, which it lacks, those of JDK 25. */
#ifndef JFR_SCHEMA_JVM_H
#define JFR_SCHEMA_JVM_H

/* clang-format off */

/* --- types of pools and structs; ids below 64 --------------------------------------------------- */
#define JFR_JVM_STRUCTS(STRUCT, FIELD, END)                                                        \
    STRUCT(gc_name, GC_NAME, 33, "jdk.types.GCName", SIMPLE, "GC Name")                            \
        FIELD(STRING, name, JFR_NO_UNIT, "Name")                                                   \
    END(gc_name)                                                                                   \
    STRUCT(gc_cause, GC_CAUSE, 34, "jdk.types.GCCause", SIMPLE, "GC Cause")                        \
        FIELD(STRING, cause, JFR_NO_UNIT, "Cause")                                                 \
    END(gc_cause)                                                                                  \
    STRUCT(gc_when, GC_WHEN, 35, "jdk.types.GCWhen", SIMPLE, "GC When")                            \
        FIELD(STRING, when, JFR_NO_UNIT, "When")                                                   \
    END(gc_when)                                                                                   \
    STRUCT(flag_value_origin, FLAG_VALUE_ORIGIN, 36, "jdk.types.FlagValueOrigin", SIMPLE,          \
           "Flag Value Origin")                                                                    \
        FIELD(STRING, origin, JFR_NO_UNIT, "Origin")                                               \
    END(flag_value_origin)                                                                         \
    STRUCT(narrow_oop_mode, NARROW_OOP_MODE, 37, "jdk.types.NarrowOopMode", SIMPLE,                \
           "Narrow Oop Mode")                                                                      \
        FIELD(STRING, mode, JFR_NO_UNIT, "Mode")                                                   \
    END(narrow_oop_mode)                                                                           \
    STRUCT(virtual_space, VIRTUAL_SPACE, 38, "jdk.types.VirtualSpace", PLAIN, "Virtual Space")     \
        FIELD(LONG, start,         JFR_UNSIGNED | JFR_ADDRESS, "Start Address")                    \
        FIELD(LONG, committedEnd,  JFR_UNSIGNED | JFR_ADDRESS, "Committed End Address")            \
        FIELD(LONG, committedSize, JFR_UNSIGNED | JFR_BYTES,   "Committed Size")                   \
        FIELD(LONG, reservedEnd,   JFR_UNSIGNED | JFR_ADDRESS, "Reserved End Address")             \
        FIELD(LONG, reservedSize,  JFR_UNSIGNED | JFR_BYTES,   "Reserved Size")                    \
    END(virtual_space)                                                                             \
    STRUCT(metaspace_sizes, METASPACE_SIZES, 39, "jdk.types.MetaspaceSizes", PLAIN,                \
           "Metaspace Sizes")                                                                      \
        FIELD(LONG, committed, JFR_UNSIGNED | JFR_BYTES, "Committed")                              \
        FIELD(LONG, used,      JFR_UNSIGNED | JFR_BYTES, "Used")                                   \
        FIELD(LONG, reserved,  JFR_UNSIGNED | JFR_BYTES, "Reserved")                               \
    END(metaspace_sizes)                                                                           \
    STRUCT(vm_operation_type, VM_OPERATION_TYPE, 40, "jdk.types.VMOperationType", SIMPLE,          \
           "VM Operation Type")                                                                    \
        FIELD(STRING, type, JFR_NO_UNIT, "Type")                                                   \
    END(vm_operation_type)

/* --- constants with fixed ids --------------------------------------------------------------------
 * Texts are HotSpot's (GCName, GCCause::to_string, JVMFlagOrigin) of every JDK from 8 to 26: JMC
 * compares names and causes literally. The ids of origins are HotSpot's, the others ours. VM
 * operations are those that collect garbage. */
#define JFR_JVM_CONSTANTS(CONSTANT)                                                                \
    CONSTANT(GC_NAME, NONE,               0, "N/A")                                                \
    CONSTANT(GC_NAME, DEF_NEW,            1, "DefNew")                                             \
    CONSTANT(GC_NAME, SERIAL_OLD,         2, "SerialOld")                                          \
    CONSTANT(GC_NAME, PARALLEL_SCAVENGE,  3, "ParallelScavenge")                                   \
    CONSTANT(GC_NAME, PARALLEL_OLD,       4, "ParallelOld")                                        \
    CONSTANT(GC_NAME, G1_NEW,             5, "G1New")                                              \
    CONSTANT(GC_NAME, G1_OLD,             6, "G1Old")                                              \
    CONSTANT(GC_NAME, G1_FULL,            7, "G1Full")                                             \
    CONSTANT(GC_NAME, Z,                  8, "Z")                                                  \
    CONSTANT(GC_NAME, Z_MINOR,            9, "ZGC Minor")                                          \
    CONSTANT(GC_NAME, Z_MAJOR,           10, "ZGC Major")                                          \
    CONSTANT(GC_NAME, SHENANDOAH,        11, "Shenandoah")                                         \
    CONSTANT(GC_NAME, PAR_NEW,           12, "ParNew")                                             \
    CONSTANT(GC_NAME, CMS,               13, "ConcurrentMarkSweep")                                \
    CONSTANT(GC_CAUSE, UNKNOWN, 0, "unknown GCCause")                                              \
    CONSTANT(GC_CAUSE, SYSTEM_GC, 1, "System.gc()")                                                \
    CONSTANT(GC_CAUSE, FULLGCALOT, 2, "FullGCAlot")                                                \
    CONSTANT(GC_CAUSE, SCAVENGEALOT, 3, "ScavengeAlot")                                            \
    CONSTANT(GC_CAUSE, ALLOCATION_PROFILER, 4, "Allocation Profiler")                              \
    CONSTANT(GC_CAUSE, JVMTIENV_FORCEGARBAGECOLLECTION, 5, "JvmtiEnv ForceGarbageCollection")      \
    CONSTANT(GC_CAUSE, GCLOCKER_INITIATED_GC, 6, "GCLocker Initiated GC")                          \
    CONSTANT(GC_CAUSE, HEAP_INSPECTION_INITIATED_GC, 7, "Heap Inspection Initiated GC")            \
    CONSTANT(GC_CAUSE, HEAP_DUMP_INITIATED_GC, 8, "Heap Dump Initiated GC")                        \
    CONSTANT(GC_CAUSE, WHITEBOX_INITIATED_YOUNG_GC, 9, "WhiteBox Initiated Young GC")              \
    CONSTANT(GC_CAUSE, WHITEBOX_INITIATED_CONCURRENT_MARK, 10,                                     \
             "WhiteBox Initiated Concurrent Mark")                                                 \
    CONSTANT(GC_CAUSE, WHITEBOX_INITIATED_FULL_GC, 11, "WhiteBox Initiated Full GC")               \
    CONSTANT(GC_CAUSE, WHITEBOX_INITIATED_RUN_TO_BREAKPOINT, 12,                                   \
             "WhiteBox Initiated Run to Breakpoint")                                               \
    CONSTANT(GC_CAUSE, FULL_GC_FOR_XSHARE_DUMP, 13, "Full GC for -Xshare:dump")                    \
    CONSTANT(GC_CAUSE, NO_GC, 14, "No GC")                                                         \
    CONSTANT(GC_CAUSE, ALLOCATION_FAILURE, 15, "Allocation Failure")                               \
    CONSTANT(GC_CAUSE, TENURED_GENERATION_FULL, 16, "Tenured Generation Full")                     \
    CONSTANT(GC_CAUSE, PERMANENT_GENERATION_FULL, 17, "Permanent Generation Full")                 \
    CONSTANT(GC_CAUSE, CODECACHE_GC_THRESHOLD, 18, "CodeCache GC Threshold")                       \
    CONSTANT(GC_CAUSE, CODECACHE_GC_AGGRESSIVE, 19, "CodeCache GC Aggressive")                     \
    CONSTANT(GC_CAUSE, METADATA_GC_THRESHOLD, 20, "Metadata GC Threshold")                         \
    CONSTANT(GC_CAUSE, METADATA_GC_CLEAR_SOFT_REFERENCES, 21, "Metadata GC Clear Soft References") \
    CONSTANT(GC_CAUSE, LAST_DITCH_COLLECTION, 22, "Last ditch collection")                         \
    CONSTANT(GC_CAUSE, CMS_GENERATION_FULL, 23, "CMS Generation Full")                             \
    CONSTANT(GC_CAUSE, CMS_INITIAL_MARK, 24, "CMS Initial Mark")                                   \
    CONSTANT(GC_CAUSE, CMS_FINAL_REMARK, 25, "CMS Final Remark")                                   \
    CONSTANT(GC_CAUSE, CMS_CONCURRENT_MARK, 26, "CMS Concurrent Mark")                             \
    CONSTANT(GC_CAUSE, OLD_GENERATION_EXPANDED_ON_LAST_SCAVENGE, 27,                               \
             "Old Generation Expanded On Last Scavenge")                                           \
    CONSTANT(GC_CAUSE, OLD_GENERATION_TOO_FULL_TO_SCAVENGE, 28,                                    \
             "Old Generation Too Full To Scavenge")                                                \
    CONSTANT(GC_CAUSE, ERGONOMICS, 29, "Ergonomics")                                               \
    CONSTANT(GC_CAUSE, G1_EVACUATION_PAUSE, 30, "G1 Evacuation Pause")                             \
    CONSTANT(GC_CAUSE, G1_COMPACTION_PAUSE, 31, "G1 Compaction Pause")                             \
    CONSTANT(GC_CAUSE, G1_HUMONGOUS_ALLOCATION, 32, "G1 Humongous Allocation")                     \
    CONSTANT(GC_CAUSE, G1_PERIODIC_COLLECTION, 33, "G1 Periodic Collection")                       \
    CONSTANT(GC_CAUSE, G1_PREVENTIVE_COLLECTION, 34, "G1 Preventive Collection")                   \
    CONSTANT(GC_CAUSE, UPDATE_ALLOCATION_CONTEXT_STATS, 35, "Update Allocation Context Stats")     \
    CONSTANT(GC_CAUSE, DIAGNOSTIC_COMMAND, 36, "Diagnostic Command")                               \
    CONSTANT(GC_CAUSE, STOPPING_VM, 37, "Stopping VM")                                             \
    CONSTANT(GC_CAUSE, ALLOCATION_FAILURE_DURING_EVACUATION, 38,                                   \
             "Allocation Failure During Evacuation")                                               \
    CONSTANT(GC_CAUSE, CONCURRENT_GC, 39, "Concurrent GC")                                         \
    CONSTANT(GC_CAUSE, UPGRADE_TO_FULL_GC, 40, "Upgrade To Full GC")                               \
    CONSTANT(GC_CAUSE, TIMER, 41, "Timer")                                                         \
    CONSTANT(GC_CAUSE, WARMUP, 42, "Warmup")                                                       \
    CONSTANT(GC_CAUSE, ALLOCATION_RATE, 43, "Allocation Rate")                                     \
    CONSTANT(GC_CAUSE, ALLOCATION_STALL, 44, "Allocation Stall")                                   \
    CONSTANT(GC_CAUSE, PROACTIVE, 45, "Proactive")                                                 \
    CONSTANT(GC_CAUSE, HIGH_USAGE, 46, "High Usage")                                               \
    CONSTANT(GC_WHEN, BEFORE, 0, "Before GC")                                                      \
    CONSTANT(GC_WHEN, AFTER,  1, "After GC")                                                       \
    CONSTANT(FLAG_VALUE_ORIGIN, DEFAULT,      0, "Default")                                        \
    CONSTANT(FLAG_VALUE_ORIGIN, COMMAND_LINE, 1, "Command line")                                   \
    CONSTANT(FLAG_VALUE_ORIGIN, ENVIRONMENT,  2, "Environment variable")                           \
    CONSTANT(FLAG_VALUE_ORIGIN, CONFIG_FILE,  3, "Config file")                                    \
    CONSTANT(FLAG_VALUE_ORIGIN, MANAGEMENT,   4, "Management")                                     \
    CONSTANT(FLAG_VALUE_ORIGIN, ERGONOMIC,    5, "Ergonomic")                                      \
    CONSTANT(FLAG_VALUE_ORIGIN, ATTACH,       6, "Attach on demand")                               \
    CONSTANT(FLAG_VALUE_ORIGIN, INTERNAL,     7, "Internal")                                       \
    CONSTANT(FLAG_VALUE_ORIGIN, JIMAGE,       8, "JImage resource")                                \
    CONSTANT(NARROW_OOP_MODE, UNSCALED,      0, "32-bit")                                          \
    CONSTANT(NARROW_OOP_MODE, ZERO_BASED,    1, "Zero based")                                      \
    CONSTANT(NARROW_OOP_MODE, DISJOINT_BASE, 2, "Non-zero disjoint base")                          \
    CONSTANT(NARROW_OOP_MODE, HEAP_BASED,    3, "Non-zero based")                                  \
    CONSTANT(VM_OPERATION_TYPE, G1_FOR_ALLOCATION, 1, "G1CollectForAllocation")                    \
    CONSTANT(VM_OPERATION_TYPE, G1_FULL, 2, "G1CollectFull")                                       \
    CONSTANT(VM_OPERATION_TYPE, PARALLEL_FAILED_ALLOCATION, 3, "ParallelGCFailedAllocation")       \
    CONSTANT(VM_OPERATION_TYPE, PARALLEL_SYSTEM_GC, 4, "ParallelGCSystemGC")                       \
    CONSTANT(VM_OPERATION_TYPE, PARALLEL_FOR_ALLOCATION, 5, "ParallelCollectForAllocation")        \
    CONSTANT(VM_OPERATION_TYPE, PARALLEL_COLLECT, 6, "ParallelGCCollect")                          \
    CONSTANT(VM_OPERATION_TYPE, GEN_FOR_ALLOCATION, 7, "GenCollectForAllocation")                  \
    CONSTANT(VM_OPERATION_TYPE, GEN_FULL, 8, "GenCollectFull")                                     \
    CONSTANT(VM_OPERATION_TYPE, SERIAL_FOR_ALLOCATION, 9, "SerialCollectForAllocation")            \
    CONSTANT(VM_OPERATION_TYPE, SERIAL_COLLECT, 10, "SerialGCCollect")                             \
    CONSTANT(VM_OPERATION_TYPE, FOR_METADATA, 11, "CollectForMetadataAllocation")

/* --- events ------------------------------------------------------------------------------------ */
#define JFR_JVM_EVENTS(EVENT, FIELD, END)                                                          \
    EVENT(system_process, SYSTEM_PROCESS, 313, "jdk.SystemProcess",                                \
          "System Process", "Operating System", NULL)                                              \
        FIELD(LONG,   startTime,   JFR_TICK_STAMP, "Start Time")                                   \
        FIELD(STRING, pid,         JFR_NO_UNIT,    "Process Identifier")                           \
        FIELD(STRING, commandLine, JFR_NO_UNIT,    "Command Line")                                 \
    END(system_process)                                                                            \
    EVENT(virtualization_information, VIRTUALIZATION_INFORMATION, 314,                             \
          "jdk.VirtualizationInformation",                                                         \
          "Virtualization Information", "Operating System",                                        \
          "Description of the virtualization technology the JVM runs on")                          \
        FIELD(LONG,   startTime, JFR_TICK_STAMP, "Start Time")                                     \
        FIELD(STRING, name,      JFR_NO_UNIT,    "Name")                                           \
    END(virtualization_information)                                                                \
    EVENT(container_configuration, CONTAINER_CONFIGURATION, 315, "jdk.ContainerConfiguration",     \
          "Container Configuration", "Operating System",                                           \
          "A set of container specific attributes")                                                \
        FIELD(LONG,              startTime,         JFR_TICK_STAMP, "Start Time")                  \
        FIELD(LONG,              duration,          JFR_TICK_SPAN,  "Duration")                    \
        FIELD(POOL(THREAD),      eventThread,       JFR_NO_UNIT,    "Event Thread")                \
        FIELD(POOL(STACK_TRACE), stackTrace,        JFR_NO_UNIT,    "Stack Trace")                 \
        FIELD(STRING,            containerType,     JFR_NO_UNIT,    "Container Type")              \
        FIELD(LONG,              cpuSlicePeriod,    JFR_MICROS,     "CPU Slice Period")            \
        FIELD(LONG,              cpuQuota,          JFR_MICROS,     "CPU Quota")                   \
        FIELD(LONG,              cpuShares,         JFR_NO_UNIT,    "CPU Shares")                  \
        FIELD(LONG,              effectiveCpuCount, JFR_NO_UNIT,    "Effective CPU Count")         \
        FIELD(LONG,              memorySoftLimit,   JFR_BYTES,      "Memory Soft Limit")           \
        FIELD(LONG,              memoryLimit,       JFR_BYTES,      "Memory Limit")                \
        FIELD(LONG,              swapMemoryLimit,   JFR_BYTES,      "Memory and Swap Limit")       \
    END(container_configuration)                                                                   \
    EVENT(cpu_time_stamp_counter, CPU_TIME_STAMP_COUNTER, 316, "jdk.CPUTimeStampCounter",          \
          "CPU Time Stamp Counter", "Operating System/Processor",                                  \
          "Information about the CPU time stamp mechanism / (RD)TSC")                              \
        FIELD(LONG,    startTime,           JFR_TICK_STAMP, "Start Time")                          \
        FIELD(BOOLEAN, fastTimeEnabled,     JFR_NO_UNIT,    "Fast Time")                           \
        FIELD(BOOLEAN, fastTimeAutoEnabled, JFR_NO_UNIT,    "Trusted Platform")                    \
        FIELD(LONG,    osFrequency,         JFR_HERTZ,      "OS Frequency")                        \
        FIELD(LONG,    fastTimeFrequency,   JFR_HERTZ,      "Fast Time Frequency")                 \
    END(cpu_time_stamp_counter)                                                                    \
    EVENT(thread_cpu_load, THREAD_CPU_LOAD, 317, "jdk.ThreadCPULoad",                              \
          "Thread CPU Load", "Operating System/Processor", NULL)                                   \
        FIELD(LONG,         startTime,   JFR_TICK_STAMP, "Start Time")                             \
        FIELD(POOL(THREAD), eventThread, JFR_NO_UNIT,    "Event Thread")                           \
        FIELD(FLOAT,        user,        JFR_PERCENT,    "User Mode CPU Load")                     \
        FIELD(FLOAT,        system,      JFR_PERCENT,    "System Mode CPU Load")                   \
    END(thread_cpu_load)                                                                           \
    EVENT(thread_context_switch_rate, THREAD_CONTEXT_SWITCH_RATE, 318,                             \
          "jdk.ThreadContextSwitchRate",                                                           \
          "Thread Context Switch Rate", "Operating System/Processor", NULL)                        \
        FIELD(LONG,  startTime,  JFR_TICK_STAMP, "Start Time")                                     \
        FIELD(FLOAT, switchRate, JFR_HERTZ,      "Switch Rate")                                    \
    END(thread_context_switch_rate)                                                                \
    EVENT(thread_allocation_statistics, THREAD_ALLOCATION_STATISTICS, 319,                         \
          "jdk.ThreadAllocationStatistics",                                                        \
          "Thread Allocation Statistics", "Java Application/Statistics", NULL)                     \
        FIELD(LONG,         startTime, JFR_TICK_STAMP,           "Start Time")                     \
        FIELD(LONG,         allocated, JFR_UNSIGNED | JFR_BYTES, "Allocated")                      \
        FIELD(POOL(THREAD), thread,    JFR_NO_UNIT,              "Thread")                         \
    END(thread_allocation_statistics)                                                              \
    EVENT(java_thread_statistics, JAVA_THREAD_STATISTICS, 320, "jdk.JavaThreadStatistics",         \
          "Java Thread Statistics", "Java Application/Statistics", NULL)                           \
        FIELD(LONG, startTime,        JFR_TICK_STAMP, "Start Time")                                \
        FIELD(LONG, activeCount,      JFR_NO_UNIT,    "Active Threads")                            \
        FIELD(LONG, daemonCount,      JFR_NO_UNIT,    "Daemon Threads")                            \
        FIELD(LONG, accumulatedCount, JFR_NO_UNIT,    "Accumulated Threads")                       \
        FIELD(LONG, peakCount,        JFR_NO_UNIT,    "Peak Threads")                              \
    END(java_thread_statistics)                                                                    \
    EVENT(class_loading_statistics, CLASS_LOADING_STATISTICS, 321, "jdk.ClassLoadingStatistics",   \
          "Class Loading Statistics", "Java Application/Statistics", NULL)                         \
        FIELD(LONG, startTime,          JFR_TICK_STAMP, "Start Time")                              \
        FIELD(LONG, loadedClassCount,   JFR_NO_UNIT,    "Loaded Class Count")                      \
        FIELD(LONG, unloadedClassCount, JFR_NO_UNIT,    "Unloaded Class Count")                    \
    END(class_loading_statistics)                                                                  \
    EVENT(resident_set_size, RESIDENT_SET_SIZE, 322, "jdk.ResidentSetSize",                        \
          "Resident Set Size", "Java Virtual Machine/Memory", "Resident set size of the process")  \
        FIELD(LONG, startTime, JFR_TICK_STAMP,           "Start Time")                             \
        FIELD(LONG, size,      JFR_UNSIGNED | JFR_BYTES, "Resident Set Size")                      \
        FIELD(LONG, peak,      JFR_UNSIGNED | JFR_BYTES, "Resident Set Size Peak Value")           \
    END(resident_set_size)                                                                         \
    EVENT(native_agent, NATIVE_AGENT, 323, "jdk.NativeAgent",                                      \
          "Native Agent", "Java Virtual Machine/Diagnostics",                                      \
          "A native programming language agent making use of the JVMTI interface used by "         \
          "development, profiling and monitoring tools")                                           \
        FIELD(LONG,    startTime,              JFR_TICK_STAMP,                "Start Time")        \
        FIELD(STRING,  name,                   JFR_NO_UNIT,                   "Name")              \
        FIELD(STRING,  options,                JFR_NO_UNIT,                   "Options")           \
        FIELD(BOOLEAN, dynamic,                JFR_NO_UNIT,                   "Dynamic")           \
        FIELD(LONG, initializationTime, JFR_UNSIGNED | JFR_TICK_STAMP,                             \
              "Initialization Time")                                                               \
        FIELD(LONG, initializationDuration, JFR_UNSIGNED | JFR_TICK_SPAN,                          \
              "Initialization Duration")                                                           \
        FIELD(STRING,  path,                   JFR_NO_UNIT,                   "Path")              \
    END(native_agent)                                                                              \
    EVENT(java_agent, JAVA_AGENT, 324, "jdk.JavaAgent",                                            \
          "Java Agent", "Java Virtual Machine/Diagnostics",                                        \
          "A Java programming language agent making use of the java.lang.instrument package "      \
          "for instrumenting programs running on the JVM")                                         \
        FIELD(LONG,    startTime,              JFR_TICK_STAMP,                "Start Time")        \
        FIELD(STRING,  name,                   JFR_NO_UNIT,                   "Name")              \
        FIELD(STRING,  options,                JFR_NO_UNIT,                   "Options")           \
        FIELD(BOOLEAN, dynamic,                JFR_NO_UNIT,                   "Dynamic")           \
        FIELD(LONG, initializationTime, JFR_UNSIGNED | JFR_TICK_STAMP,                             \
              "Initialization Time")                                                               \
        FIELD(LONG, initializationDuration, JFR_UNSIGNED | JFR_TICK_SPAN,                          \
              "Initialization Duration")                                                           \
    END(java_agent)                                                                                \
    EVENT(garbage_collection, GARBAGE_COLLECTION, 325, "jdk.GarbageCollection",                    \
          "Garbage Collection", "Java Virtual Machine/GC/Collector",                               \
          "Garbage collection performed by the JVM")                                               \
        FIELD(LONG,           startTime,    JFR_TICK_STAMP,               "Start Time")            \
        FIELD(LONG,           duration,     JFR_TICK_SPAN,                "Duration")              \
        FIELD(INT,            gcId,         JFR_UNSIGNED,                 "GC Identifier")         \
        FIELD(POOL(GC_NAME),  name,         JFR_NO_UNIT,                  "Name")                  \
        FIELD(POOL(GC_CAUSE), cause,        JFR_NO_UNIT,                  "Cause")                 \
        FIELD(LONG,           sumOfPauses,  JFR_UNSIGNED | JFR_TICK_SPAN, "Sum of Pauses")         \
        FIELD(LONG,           longestPause, JFR_UNSIGNED | JFR_TICK_SPAN, "Longest Pause")         \
    END(garbage_collection)                                                                        \
    EVENT(young_garbage_collection, YOUNG_GARBAGE_COLLECTION, 326, "jdk.YoungGarbageCollection",   \
          "Young Garbage Collection", "Java Virtual Machine/GC/Collector",                         \
          "Extra information specific to Young Garbage Collections")                               \
        FIELD(LONG, startTime,         JFR_TICK_STAMP, "Start Time")                               \
        FIELD(LONG, duration,          JFR_TICK_SPAN,  "Duration")                                 \
        FIELD(INT,  gcId,              JFR_UNSIGNED,   "GC Identifier")                            \
        FIELD(INT,  tenuringThreshold, JFR_UNSIGNED,   "Tenuring Threshold")                       \
    END(young_garbage_collection)                                                                  \
    EVENT(old_garbage_collection, OLD_GARBAGE_COLLECTION, 327, "jdk.OldGarbageCollection",         \
          "Old Garbage Collection", "Java Virtual Machine/GC/Collector",                           \
          "Extra information specific to Old Garbage Collections")                                 \
        FIELD(LONG, startTime, JFR_TICK_STAMP, "Start Time")                                       \
        FIELD(LONG, duration,  JFR_TICK_SPAN,  "Duration")                                         \
        FIELD(INT,  gcId,      JFR_UNSIGNED,   "GC Identifier")                                    \
    END(old_garbage_collection)                                                                    \
    EVENT(gc_phase_pause, GC_PHASE_PAUSE, 328, "jdk.GCPhasePause",                                 \
          "GC Phase Pause", "Java Virtual Machine/GC/Phases", NULL)                                \
        FIELD(LONG,         startTime,   JFR_TICK_STAMP, "Start Time")                             \
        FIELD(LONG,         duration,    JFR_TICK_SPAN,  "Duration")                               \
        FIELD(POOL(THREAD), eventThread, JFR_NO_UNIT,    "Event Thread")                           \
        FIELD(INT,          gcId,        JFR_UNSIGNED,   "GC Identifier")                          \
        FIELD(STRING,       name,        JFR_NO_UNIT,    "Name")                                   \
    END(gc_phase_pause)                                                                            \
    EVENT(gc_heap_summary, GC_HEAP_SUMMARY, 329, "jdk.GCHeapSummary",                              \
          "Heap Summary", "Java Virtual Machine/GC/Heap", NULL)                                    \
        FIELD(LONG, startTime, JFR_TICK_STAMP,                                                     \
              "Start Time")                                                                        \
        FIELD(INT, gcId, JFR_UNSIGNED,                                                             \
              "GC Identifier")                                                                     \
        FIELD(POOL(GC_WHEN),                        when,      JFR_NO_UNIT,              "When")   \
        FIELD(INLINE(virtual_space, VIRTUAL_SPACE), heapSpace, JFR_NO_UNIT,                        \
              "Heap Space")                                                                        \
        FIELD(LONG, heapUsed, JFR_UNSIGNED | JFR_BYTES,                                            \
              "Heap Used")                                                                         \
    END(gc_heap_summary)                                                                           \
    EVENT(metaspace_summary, METASPACE_SUMMARY, 330, "jdk.MetaspaceSummary",                       \
          "Metaspace Summary", "Java Virtual Machine/GC/Heap", NULL)                               \
        FIELD(LONG, startTime, JFR_TICK_STAMP,                                                     \
              "Start Time")                                                                        \
        FIELD(INT, gcId, JFR_UNSIGNED,                                                             \
              "GC Identifier")                                                                     \
        FIELD(POOL(GC_WHEN), when, JFR_NO_UNIT,                                                    \
              "When")                                                                              \
        FIELD(LONG, gcThreshold, JFR_UNSIGNED | JFR_BYTES,                                         \
              "GC Threshold")                                                                      \
        FIELD(INLINE(metaspace_sizes, METASPACE_SIZES), metaspace, JFR_NO_UNIT,                    \
              "Total")                                                                             \
        FIELD(INLINE(metaspace_sizes, METASPACE_SIZES), dataSpace, JFR_NO_UNIT,                    \
              "Data")                                                                              \
        FIELD(INLINE(metaspace_sizes, METASPACE_SIZES), classSpace, JFR_NO_UNIT,                   \
              "Class")                                                                             \
    END(metaspace_summary)                                                                         \
    EVENT(gc_configuration, GC_CONFIGURATION, 331, "jdk.GCConfiguration",                          \
          "GC Configuration", "Java Virtual Machine/GC/Configuration",                             \
          "The configuration of the garbage collector")                                            \
        FIELD(LONG,          startTime,              JFR_TICK_STAMP, "Start Time")                 \
        FIELD(POOL(GC_NAME), youngCollector,         JFR_NO_UNIT,    "Young Garbage Collector")    \
        FIELD(POOL(GC_NAME), oldCollector,           JFR_NO_UNIT,    "Old Garbage Collector")      \
        FIELD(INT,           parallelGCThreads,      JFR_UNSIGNED,   "Parallel GC Threads")        \
        FIELD(INT,           concurrentGCThreads,    JFR_UNSIGNED,   "Concurrent GC Threads")      \
        FIELD(BOOLEAN,       usesDynamicGCThreads,   JFR_NO_UNIT,    "Uses Dynamic GC Threads")    \
        FIELD(BOOLEAN,       isExplicitGCConcurrent, JFR_NO_UNIT,    "Concurrent Explicit GC")     \
        FIELD(BOOLEAN,       isExplicitGCDisabled,   JFR_NO_UNIT,    "Disabled Explicit GC")       \
        FIELD(LONG,          pauseTarget,            JFR_MILLIS,     "Pause Target")               \
        FIELD(INT,           gcTimeRatio,            JFR_UNSIGNED,   "GC Time Ratio")              \
    END(gc_configuration)                                                                          \
    EVENT(gc_heap_configuration, GC_HEAP_CONFIGURATION, 332, "jdk.GCHeapConfiguration",            \
          "GC Heap Configuration", "Java Virtual Machine/GC/Configuration",                        \
          "The configuration of the garbage collected heap")                                       \
        FIELD(LONG,                  startTime,          JFR_TICK_STAMP,           "Start Time")   \
        FIELD(LONG, minSize, JFR_UNSIGNED | JFR_BYTES,                                             \
              "Minimum Heap Size")                                                                 \
        FIELD(LONG, maxSize, JFR_UNSIGNED | JFR_BYTES,                                             \
              "Maximum Heap Size")                                                                 \
        FIELD(LONG, initialSize, JFR_UNSIGNED | JFR_BYTES,                                         \
              "Initial Heap Size")                                                                 \
        FIELD(BOOLEAN, usesCompressedOops, JFR_NO_UNIT,                                            \
              "If Compressed Oops Are Used")                                                       \
        FIELD(POOL(NARROW_OOP_MODE), compressedOopsMode, JFR_NO_UNIT,                              \
              "Compressed Oops Mode")                                                              \
        FIELD(LONG, objectAlignment, JFR_UNSIGNED | JFR_BYTES,                                     \
              "Object Alignment")                                                                  \
        FIELD(BYTE, heapAddressBits, JFR_UNSIGNED,                                                 \
              "Heap Address Size")                                                                 \
    END(gc_heap_configuration)                                                                     \
    EVENT(young_generation_configuration, YOUNG_GENERATION_CONFIGURATION, 333,                     \
          "jdk.YoungGenerationConfiguration",                                                      \
          "Young Generation Configuration", "Java Virtual Machine/GC/Configuration",               \
          "The configuration of the young generation of the garbage collected heap")               \
        FIELD(LONG, startTime, JFR_TICK_STAMP,           "Start Time")                             \
        FIELD(LONG, minSize,   JFR_UNSIGNED | JFR_BYTES, "Minimum Young Generation Size")          \
        FIELD(LONG, maxSize,   JFR_UNSIGNED | JFR_BYTES, "Maximum Young Generation Size")          \
        FIELD(INT,  newRatio,  JFR_UNSIGNED,             "New Ratio")                              \
    END(young_generation_configuration)                                                            \
    EVENT(gc_survivor_configuration, GC_SURVIVOR_CONFIGURATION, 334,                               \
          "jdk.GCSurvivorConfiguration",                                                           \
          "GC Survivor Configuration", "Java Virtual Machine/GC/Configuration",                    \
          "The configuration of the survivors of garbage collection")                              \
        FIELD(LONG, startTime,                JFR_TICK_STAMP, "Start Time")                        \
        FIELD(BYTE, maxTenuringThreshold,     JFR_UNSIGNED,   "Maximum Tenuring Threshold")        \
        FIELD(BYTE, initialTenuringThreshold, JFR_UNSIGNED,   "Initial Tenuring Threshold")        \
    END(gc_survivor_configuration)                                                                 \
    EVENT(gc_tlab_configuration, GC_TLAB_CONFIGURATION, 335, "jdk.GCTLABConfiguration",            \
          "TLAB Configuration", "Java Virtual Machine/GC/Configuration",                           \
          "The configuration of the Thread Local Allocation Buffers (TLABs)")                      \
        FIELD(LONG,    startTime,            JFR_TICK_STAMP,           "Start Time")               \
        FIELD(BOOLEAN, usesTLABs,            JFR_NO_UNIT,              "TLABs Used")               \
        FIELD(LONG,    minTLABSize,          JFR_UNSIGNED | JFR_BYTES, "Minimum TLAB Size")        \
        FIELD(LONG,    tlabRefillWasteLimit, JFR_UNSIGNED | JFR_BYTES, "TLAB Refill Waste Limit")  \
    END(gc_tlab_configuration)                                                                     \
    EVENT(code_cache_configuration, CODE_CACHE_CONFIGURATION, 336, "jdk.CodeCacheConfiguration",   \
          "Code Cache Configuration", "Java Virtual Machine/Code Cache", NULL)                     \
        FIELD(LONG, startTime,          JFR_TICK_STAMP,             "Start Time")                  \
        FIELD(LONG, initialSize,        JFR_UNSIGNED | JFR_BYTES,   "Initial Size")                \
        FIELD(LONG, reservedSize,       JFR_UNSIGNED | JFR_BYTES,   "Reserved Size")               \
        FIELD(LONG, nonNMethodSize,     JFR_UNSIGNED | JFR_BYTES,   "Non-nmethod Size")            \
        FIELD(LONG, profiledSize,       JFR_UNSIGNED | JFR_BYTES,   "Profiled Size")               \
        FIELD(LONG, nonProfiledSize,    JFR_UNSIGNED | JFR_BYTES,   "Non-profiled Size")           \
        FIELD(LONG, expansionSize,      JFR_UNSIGNED | JFR_BYTES,   "Expansion size")              \
        FIELD(LONG, minBlockLength,     JFR_UNSIGNED | JFR_BYTES,   "Minimum Block Length")        \
        FIELD(LONG, startAddress,       JFR_UNSIGNED | JFR_ADDRESS, "Start Address")               \
        FIELD(LONG, reservedTopAddress, JFR_UNSIGNED | JFR_ADDRESS, "Reserved Top")                \
    END(code_cache_configuration)                                                                  \
    EVENT(boolean_flag, BOOLEAN_FLAG, 337, "jdk.BooleanFlag",                                      \
          "Boolean Flag", "Java Virtual Machine/Flag", NULL)                                       \
        FIELD(LONG,                    startTime, JFR_TICK_STAMP, "Start Time")                    \
        FIELD(STRING,                  name,      JFR_NO_UNIT,    "Name")                          \
        FIELD(BOOLEAN,                 value,     JFR_NO_UNIT,    "Value")                         \
        FIELD(POOL(FLAG_VALUE_ORIGIN), origin,    JFR_NO_UNIT,    "Origin")                        \
    END(boolean_flag)                                                                              \
    EVENT(int_flag, INT_FLAG, 338, "jdk.IntFlag",                                                  \
          "Int Flag", "Java Virtual Machine/Flag", NULL)                                           \
        FIELD(LONG,                    startTime, JFR_TICK_STAMP, "Start Time")                    \
        FIELD(STRING,                  name,      JFR_NO_UNIT,    "Name")                          \
        FIELD(INT,                     value,     JFR_NO_UNIT,    "Value")                         \
        FIELD(POOL(FLAG_VALUE_ORIGIN), origin,    JFR_NO_UNIT,    "Origin")                        \
    END(int_flag)                                                                                  \
    EVENT(unsigned_int_flag, UNSIGNED_INT_FLAG, 339, "jdk.UnsignedIntFlag",                        \
          "Unsigned Int Flag", "Java Virtual Machine/Flag", NULL)                                  \
        FIELD(LONG,                    startTime, JFR_TICK_STAMP, "Start Time")                    \
        FIELD(STRING,                  name,      JFR_NO_UNIT,    "Name")                          \
        FIELD(INT,                     value,     JFR_UNSIGNED,   "Value")                         \
        FIELD(POOL(FLAG_VALUE_ORIGIN), origin,    JFR_NO_UNIT,    "Origin")                        \
    END(unsigned_int_flag)                                                                         \
    EVENT(long_flag, LONG_FLAG, 340, "jdk.LongFlag",                                               \
          "Long Flag", "Java Virtual Machine/Flag", NULL)                                          \
        FIELD(LONG,                    startTime, JFR_TICK_STAMP, "Start Time")                    \
        FIELD(STRING,                  name,      JFR_NO_UNIT,    "Name")                          \
        FIELD(LONG,                    value,     JFR_NO_UNIT,    "Value")                         \
        FIELD(POOL(FLAG_VALUE_ORIGIN), origin,    JFR_NO_UNIT,    "Origin")                        \
    END(long_flag)                                                                                 \
    EVENT(unsigned_long_flag, UNSIGNED_LONG_FLAG, 341, "jdk.UnsignedLongFlag",                     \
          "Unsigned Long Flag", "Java Virtual Machine/Flag", NULL)                                 \
        FIELD(LONG,                    startTime, JFR_TICK_STAMP, "Start Time")                    \
        FIELD(STRING,                  name,      JFR_NO_UNIT,    "Name")                          \
        FIELD(LONG,                    value,     JFR_UNSIGNED,   "Value")                         \
        FIELD(POOL(FLAG_VALUE_ORIGIN), origin,    JFR_NO_UNIT,    "Origin")                        \
    END(unsigned_long_flag)                                                                        \
    EVENT(double_flag, DOUBLE_FLAG, 342, "jdk.DoubleFlag",                                         \
          "Double Flag", "Java Virtual Machine/Flag", NULL)                                        \
        FIELD(LONG,                    startTime, JFR_TICK_STAMP, "Start Time")                    \
        FIELD(STRING,                  name,      JFR_NO_UNIT,    "Name")                          \
        FIELD(DOUBLE,                  value,     JFR_NO_UNIT,    "Value")                         \
        FIELD(POOL(FLAG_VALUE_ORIGIN), origin,    JFR_NO_UNIT,    "Origin")                        \
    END(double_flag)                                                                               \
    EVENT(string_flag, STRING_FLAG, 343, "jdk.StringFlag",                                         \
          "String Flag", "Java Virtual Machine/Flag", NULL)                                        \
        FIELD(LONG,                    startTime, JFR_TICK_STAMP, "Start Time")                    \
        FIELD(STRING,                  name,      JFR_NO_UNIT,    "Name")                          \
        FIELD(STRING,                  value,     JFR_NO_UNIT,    "Value")                         \
        FIELD(POOL(FLAG_VALUE_ORIGIN), origin,    JFR_NO_UNIT,    "Origin")                        \
    END(string_flag)                                                                               \
    EVENT(dump_reason, DUMP_REASON, 344, "jdk.DumpReason",                                         \
          "Recording Reason", "Flight Recorder", "Who requested the recording and why")            \
        FIELD(LONG,   startTime,   JFR_TICK_STAMP, "Start Time")                                   \
        FIELD(STRING, reason,      JFR_NO_UNIT,    "Reason")                                       \
        FIELD(INT,    recordingId, JFR_NO_UNIT,    "Recording Id")                                 \
    END(dump_reason)                                                                               \
    EVENT(thread_dump, THREAD_DUMP, 345, "jdk.ThreadDump",                                         \
          "Thread Dump", "Java Virtual Machine/Runtime", NULL)                                     \
        FIELD(LONG,   startTime, JFR_TICK_STAMP, "Start Time")                                     \
        FIELD(STRING, result,    JFR_NO_UNIT,    "Thread Dump")                                    \
    END(thread_dump)                                                                               \
    EVENT(gc_cpu_time, GC_CPU_TIME, 346, "jdk.GCCPUTime",                                          \
          "GC CPU Time", "Java Virtual Machine/GC/Detailed",                                       \
          "GC CPU Time information. Supported: G1GC, ParallelGC and SerialGC")                     \
        FIELD(LONG, startTime,  JFR_TICK_STAMP,           "Start Time")                            \
        FIELD(INT,  gcId,       JFR_UNSIGNED,             "GC Identifier")                         \
        FIELD(LONG, userTime,   JFR_UNSIGNED | JFR_NANOS, "User Time")                             \
        FIELD(LONG, systemTime, JFR_UNSIGNED | JFR_NANOS, "System Time")                           \
        FIELD(LONG, realTime,   JFR_UNSIGNED | JFR_NANOS, "Real Time")                             \
    END(gc_cpu_time)                                                                               \
    EVENT(g1_mmu, G1_MMU, 347, "jdk.G1MMU",                                                        \
          "G1 MMU Information", "Java Virtual Machine/GC/Detailed", NULL)                          \
        FIELD(LONG, startTime,   JFR_TICK_STAMP, "Start Time")                                     \
        FIELD(INT,  gcId,        JFR_UNSIGNED,   "GC Identifier")                                  \
        FIELD(LONG, timeSlice,   JFR_MILLIS,     "Time Slice")                                     \
        FIELD(LONG, gcTime,      JFR_MILLIS,     "GC Time")                                        \
        FIELD(LONG, pauseTarget, JFR_MILLIS,     "Pause Target")                                   \
    END(g1_mmu)                                                                                    \
    EVENT(gc_phase_pause_level1, GC_PHASE_PAUSE_LEVEL1, 348, "jdk.GCPhasePauseLevel1",             \
          "GC Phase Pause Level 1", "Java Virtual Machine/GC/Phases", NULL)                        \
        FIELD(LONG,         startTime,   JFR_TICK_STAMP, "Start Time")                             \
        FIELD(LONG,         duration,    JFR_TICK_SPAN,  "Duration")                               \
        FIELD(POOL(THREAD), eventThread, JFR_NO_UNIT,    "Event Thread")                           \
        FIELD(INT,          gcId,        JFR_UNSIGNED,   "GC Identifier")                          \
        FIELD(STRING,       name,        JFR_NO_UNIT,    "Name")                                   \
    END(gc_phase_pause_level1)                                                                     \
    EVENT(execute_vm_operation, EXECUTE_VM_OPERATION, 349, "jdk.ExecuteVMOperation",               \
          "VM Operation", "Java Virtual Machine/Runtime", "Execution of a VM Operation")           \
        FIELD(LONG,                    startTime,   JFR_TICK_STAMP, "Start Time")                  \
        FIELD(LONG,                    duration,    JFR_TICK_SPAN,  "Duration")                    \
        FIELD(POOL(THREAD),            eventThread, JFR_NO_UNIT,    "Event Thread")                \
        FIELD(POOL(VM_OPERATION_TYPE), operation,   JFR_NO_UNIT,    "Operation")                   \
        FIELD(BOOLEAN,                 safepoint,   JFR_NO_UNIT,    "At Safepoint")                \
        FIELD(BOOLEAN,                 blocking,    JFR_NO_UNIT,    "Caller Blocked")              \
        FIELD(POOL(THREAD),            caller,      JFR_NO_UNIT,    "Caller")                      \
        FIELD(LONG,                    safepointId, JFR_UNSIGNED,   "Safepoint Identifier")        \
    END(execute_vm_operation)
/* clang-format on */

#endif
