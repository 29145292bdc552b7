/* schema.h — every type and event that we write, once (FORMAT.md §7, §10).
 *
 * The lists below are the only place where an event or a field is declared. From them come the type
 * ids, C structs and encoders (schema_gen.h, encode.c), the metadata event (write_metadata.c), the
 * writer's typed functions (writer.h) and the tests. Adding a field is one FIELD line, adding an
 * event one EVENT..END group, nothing else.
 *
 * The half about JVM and machine is in schema_jvm.h.
 *
 * Names, field order, labels and units of jdk.* types are those of JDK 17 (`jfr metadata`), because
 * readers depend on them by position and by unit: never append a field to one of them, put extra
 * data into an event of our own. The only deviation is Thread.virtual, which is JDK 21's. */
#ifndef JFR_SCHEMA_H
#define JFR_SCHEMA_H

#include "jfr/schema_jvm.h"

/* clang-format off */

/* --- primitives: PRIMITIVE(TYPE, id, JFR name). Any ids will do; these are HotSpot's. ---------- */
#define JFR_PRIMITIVES(PRIMITIVE)                                                                  \
    PRIMITIVE(BOOLEAN,  4, "boolean")                                                              \
    PRIMITIVE(CHAR,     5, "char")                                                                 \
    PRIMITIVE(FLOAT,    6, "float")                                                                \
    PRIMITIVE(DOUBLE,   7, "double")                                                               \
    PRIMITIVE(BYTE,     8, "byte")                                                                 \
    PRIMITIVE(SHORT,    9, "short")                                                                \
    PRIMITIVE(INT,     10, "int")                                                                  \
    PRIMITIVE(LONG,    11, "long")                                                                 \
    PRIMITIVE(STRING,  20, "java.lang.String")

/* --- annotations: ANNOTATION(TYPE, id, JFR name, value, CONTENT | PLAIN, label, description) -----
 * value: STRING, STRINGS (an array) or NONE. CONTENT ones say what a number means (a unit). */
#define JFR_ANNOTATIONS(ANNOTATION)                                                                \
    ANNOTATION(NAME,           200, "jdk.jfr.Name",          STRING,  PLAIN,   NULL, NULL)         \
    ANNOTATION(LABEL,          201, "jdk.jfr.Label",         STRING,  PLAIN,   NULL, NULL)         \
    ANNOTATION(DESCRIPTION,    202, "jdk.jfr.Description",   STRING,  PLAIN,   NULL, NULL)         \
    ANNOTATION(CATEGORY,       203, "jdk.jfr.Category",      STRINGS, PLAIN,   NULL, NULL)         \
    ANNOTATION(CONTENT_TYPE,   204, "jdk.jfr.ContentType",   NONE,    PLAIN,                       \
               "Content Type", "Semantic meaning of a value")                                      \
    ANNOTATION(TIMESTAMP,      205, "jdk.jfr.Timestamp",     STRING,  CONTENT,                     \
               "Timestamp", "A point in time")                                                     \
    ANNOTATION(TIMESPAN,       206, "jdk.jfr.Timespan",      STRING,  CONTENT,                     \
               "Timespan", "A duration, measured in nanoseconds by default")                       \
    ANNOTATION(DATA_AMOUNT,    207, "jdk.jfr.DataAmount",    STRING,  CONTENT,                     \
               "Data Amount", "Amount of data")                                                    \
    ANNOTATION(PERCENTAGE,     208, "jdk.jfr.Percentage",    NONE,    CONTENT,                     \
               "Percentage", "Percentage, represented as a number between 0 and 1")                \
    ANNOTATION(FREQUENCY,      209, "jdk.jfr.Frequency",     NONE,    CONTENT,                     \
               "Frequency", "Measure of how often something occurs, in Hertz")                     \
    ANNOTATION(MEMORY_ADDRESS, 210, "jdk.jfr.MemoryAddress", NONE,    CONTENT,                     \
               "Memory Address", "Represents a physical memory address")                           \
    ANNOTATION(UNSIGNED,       211, "jdk.jfr.Unsigned",      NONE,    CONTENT,                     \
               "Unsigned Value", "Value should be interpreted as unsigned data type")

/* --- units: UNIT(NAME, ANNOTATION, value or NULL). A field names JFR_<NAME>, or several with |. --
 * They are functional, not cosmetic: JMC finds an attribute by field name *and* unit. */
#define JFR_UNITS(UNIT)                                                                            \
    UNIT(UNSIGNED,     UNSIGNED,       NULL)                                                       \
    UNIT(TICK_STAMP,   TIMESTAMP,      "TICKS")                                                    \
    UNIT(EPOCH_MILLIS, TIMESTAMP,      "MILLISECONDS_SINCE_EPOCH")                                 \
    UNIT(TICK_SPAN,    TIMESPAN,       "TICKS")                                                    \
    UNIT(NANOS,        TIMESPAN,       "NANOSECONDS")                                              \
    UNIT(MILLIS,       TIMESPAN,       "MILLISECONDS")                                             \
    UNIT(MICROS,       TIMESPAN,       "MICROSECONDS")                                             \
    UNIT(BYTES,        DATA_AMOUNT,    "BYTES")                                                    \
    UNIT(PERCENT,      PERCENTAGE,     NULL)                                                       \
    UNIT(HERTZ,        FREQUENCY,      NULL)                                                       \
    UNIT(ADDRESS,      MEMORY_ADDRESS, NULL)

/* --- types of pools and structs ------------------------------------------------------------------
 * STRUCT(c_name, TYPE, id, JFR name, SIMPLE | PLAIN, label)
 *     FIELD(KIND, name, units, label)...   END(c_name)
 * KIND is LONG INT SHORT BYTE BOOLEAN FLOAT DOUBLE, STRING (zero-terminated, NULL allowed), TEXT (a
 * string with its length), POOL(TYPE) (id of a constant, 0 = none, below 2^31), INLINE(c_name, TYPE)
 * (a struct in place) or ARRAY(c_name, TYPE) (structs in place). SIMPLE types have one field, which
 * readers take for the value itself. No FLOAT or DOUBLE here: JDK 17 skips them wrongly in constant
 * pools. */
#define JFR_STRUCTS(STRUCT, FIELD, END)                                                            \
    STRUCT(class, CLASS, 21, "java.lang.Class", PLAIN, "Java Class")                               \
        FIELD(POOL(CLASS_LOADER), classLoader, JFR_NO_UNIT, "Class Loader")                        \
        FIELD(POOL(SYMBOL),       name,        JFR_NO_UNIT, "Name")                                \
        FIELD(POOL(PACKAGE),      package,     JFR_NO_UNIT, "Package")                             \
        FIELD(INT,                modifiers,   JFR_NO_UNIT, "Access Modifiers")                    \
        FIELD(BOOLEAN,            hidden,      JFR_NO_UNIT, "Hidden")                              \
    END(class)                                                                                     \
    STRUCT(thread, THREAD, 22, "java.lang.Thread", PLAIN, "Thread")                                \
        FIELD(STRING,             osName,       JFR_NO_UNIT, "OS Thread Name")                     \
        FIELD(LONG,               osThreadId,   JFR_NO_UNIT, "OS Thread Id")                       \
        FIELD(STRING,             javaName,     JFR_NO_UNIT, "Java Thread Name")                   \
        FIELD(LONG,               javaThreadId, JFR_NO_UNIT, "Java Thread Id")                     \
        FIELD(POOL(THREAD_GROUP), group,        JFR_NO_UNIT, "Java Thread Group")                  \
        FIELD(BOOLEAN,            virtual,      JFR_NO_UNIT, "Virtual Thread")                     \
    END(thread)                                                                                    \
    STRUCT(thread_group, THREAD_GROUP, 23, "jdk.types.ThreadGroup", PLAIN, "Thread Group")         \
        FIELD(POOL(THREAD_GROUP), parent, JFR_NO_UNIT, "Parent")                                   \
        FIELD(STRING,             name,   JFR_NO_UNIT, "Name")                                     \
    END(thread_group)                                                                              \
    STRUCT(class_loader, CLASS_LOADER, 24, "jdk.types.ClassLoader", PLAIN, "Java Class Loader")    \
        FIELD(POOL(CLASS),  type, JFR_NO_UNIT, "Type")                                             \
        FIELD(POOL(SYMBOL), name, JFR_NO_UNIT, "Name")                                             \
    END(class_loader)                                                                              \
    STRUCT(package, PACKAGE, 25, "jdk.types.Package", PLAIN, "Package")                            \
        FIELD(POOL(SYMBOL), name,     JFR_NO_UNIT, "Name")                                         \
        FIELD(POOL(MODULE), module,   JFR_NO_UNIT, "Module")                                       \
        FIELD(BOOLEAN,      exported, JFR_NO_UNIT, "Exported")                                     \
    END(package)                                                                                   \
    STRUCT(module, MODULE, 26, "jdk.types.Module", PLAIN, "Module")                                \
        FIELD(POOL(SYMBOL),       name,        JFR_NO_UNIT, "Name")                                \
        FIELD(POOL(SYMBOL),       version,     JFR_NO_UNIT, "Version")                             \
        FIELD(POOL(SYMBOL),       location,    JFR_NO_UNIT, "Location")                            \
        FIELD(POOL(CLASS_LOADER), classLoader, JFR_NO_UNIT, "Class Loader")                        \
    END(module)                                                                                    \
    STRUCT(symbol, SYMBOL, 27, "jdk.types.Symbol", SIMPLE, "Symbol")                               \
        FIELD(TEXT, string, JFR_NO_UNIT, "String")                                                 \
    END(symbol)                                                                                    \
    STRUCT(method, METHOD, 28, "jdk.types.Method", PLAIN, "Java Method")                           \
        FIELD(POOL(CLASS),  type,       JFR_NO_UNIT, "Type")                                       \
        FIELD(POOL(SYMBOL), name,       JFR_NO_UNIT, "Name")                                       \
        FIELD(POOL(SYMBOL), descriptor, JFR_NO_UNIT, "Descriptor")                                 \
        FIELD(INT,          modifiers,  JFR_NO_UNIT, "Access Modifiers")                           \
        FIELD(BOOLEAN,      hidden,     JFR_NO_UNIT, "Hidden")                                     \
    END(method)                                                                                    \
    STRUCT(stack_frame, STACK_FRAME, 29, "jdk.types.StackFrame", PLAIN, NULL)                      \
        FIELD(POOL(METHOD),     method,        JFR_NO_UNIT, "Java Method")                         \
        FIELD(INT,              lineNumber,    JFR_NO_UNIT, "Line Number")                         \
        FIELD(INT,              bytecodeIndex, JFR_NO_UNIT, "Bytecode Index")                      \
        FIELD(POOL(FRAME_TYPE), type,          JFR_NO_UNIT, "Frame Type")                          \
    END(stack_frame)                                                                               \
    STRUCT(stack_trace, STACK_TRACE, 30, "jdk.types.StackTrace", PLAIN, "Stacktrace")              \
        FIELD(BOOLEAN,                         truncated, JFR_NO_UNIT, "Truncated")                \
        FIELD(ARRAY(stack_frame, STACK_FRAME), frames,    JFR_NO_UNIT, "Stack Frames")             \
    END(stack_trace)                                                                               \
    STRUCT(frame_type, FRAME_TYPE, 31, "jdk.types.FrameType", SIMPLE, "Frame type")                \
        FIELD(STRING, description, JFR_NO_UNIT, "Description")                                     \
    END(frame_type)                                                                                \
    STRUCT(thread_state, THREAD_STATE, 32, "jdk.types.ThreadState", SIMPLE, "Java Thread State")   \
        FIELD(STRING, name, JFR_NO_UNIT, "Name")                                                   \
    END(thread_state)                                                                              \
    JFR_JVM_STRUCTS(STRUCT, FIELD, END)

/* --- constants with fixed ids: CONSTANT(TYPE, NAME, id, text), grouped by type -------------------
 * The writer puts them into the first checkpoint by itself. Frame types 0..3 are HotSpot's, 4..6
 * names that JMC and other converters know; thread states have HotSpot's ids. */
#define JFR_CONSTANTS(CONSTANT)                                                                    \
    CONSTANT(FRAME_TYPE,   INTERPRETED,    0, "Interpreted")                                       \
    CONSTANT(FRAME_TYPE,   JIT_COMPILED,   1, "JIT compiled")                                      \
    CONSTANT(FRAME_TYPE,   INLINED,        2, "Inlined")                                           \
    CONSTANT(FRAME_TYPE,   NATIVE,         3, "Native")                                            \
    CONSTANT(FRAME_TYPE,   CPP,            4, "C++")                                               \
    CONSTANT(FRAME_TYPE,   KERNEL,         5, "Kernel")                                            \
    CONSTANT(FRAME_TYPE,   C1_COMPILED,    6, "C1 compiled")                                       \
    CONSTANT(THREAD_STATE, RUNNABLE,       5, "STATE_RUNNABLE")                                    \
    CONSTANT(THREAD_STATE, SLEEPING,     225, "STATE_SLEEPING")                                    \
    JFR_JVM_CONSTANTS(CONSTANT)

/* --- profiler.Statistics: STATISTIC(KIND, name, units, label), counted since the start ---------- */
#define JFR_STATISTICS(STATISTIC)                                                                  \
    STATISTIC(LONG, samples,          JFR_NO_UNIT, "Samples Taken")                                \
    STATISTIC(LONG, failedUnknownPc,  JFR_NO_UNIT, "Failed: Unknown PC")                           \
    STATISTIC(LONG, failedNoAnchor,   JFR_NO_UNIT, "Failed: No Java Anchor")                       \
    STATISTIC(LONG, failedBadFrame,   JFR_NO_UNIT, "Failed: Bad Frame")                            \
    STATISTIC(LONG, failedBadMethod,  JFR_NO_UNIT, "Failed: Bad Method")                           \
    STATISTIC(LONG, failedFault,      JFR_NO_UNIT, "Failed: Memory Fault")                         \
    STATISTIC(LONG, failedOther,      JFR_NO_UNIT, "Failed: Other")                                \
    STATISTIC(LONG, lostLaneFull,     JFR_NO_UNIT, "Lost: Lane Full")                              \
    STATISTIC(LONG, lostLaneBusy,     JFR_NO_UNIT, "Lost: Lane Busy")                              \
    STATISTIC(LONG, lostStoreFull,    JFR_NO_UNIT, "Lost: Trace Store Full")                       \
    STATISTIC(LONG, lostMethodsFull,  JFR_NO_UNIT, "Lost: Method Dictionary Full")                 \
    STATISTIC(LONG, lostReentered,    JFR_NO_UNIT, "Lost: Handler Reentered")                      \
    STATISTIC(LONG, lostNoThread,     JFR_NO_UNIT, "Lost: Unknown Thread")                         \
    STATISTIC(LONG, lostUnsafe,       JFR_NO_UNIT, "Lost: Faults Blocked")                         \
    STATISTIC(LONG, truncatedStacks,  JFR_NO_UNIT, "Truncated Stacks")                             \
    STATISTIC(LONG, scannedFrames,    JFR_NO_UNIT, "Frames Found by Scanning")                     \
    STATISTIC(LONG, handlerNanos,     JFR_NANOS,   "Time in Signal Handlers")                      \
    STATISTIC(LONG, timersFailed,     JFR_NO_UNIT, "Timers Not Created")                           \
    STATISTIC(LONG, bytesWritten,     JFR_BYTES,   "Bytes Written")                                \
    STATISTIC(LONG, traces,           JFR_NO_UNIT, "Distinct Stack Traces")                        \
    STATISTIC(LONG, methods,          JFR_NO_UNIT, "Distinct Methods")                             \
    STATISTIC(LONG, threads,          JFR_NO_UNIT, "Threads Seen")                                 \
    STATISTIC(LONG, recorderNanos,    JFR_NANOS,   "CPU Time of the Recorder Thread")              \
    STATISTIC(LONG, periodicNanos,    JFR_NANOS,   "Of It in Periodic Events")

/* --- events --------------------------------------------------------------------------------------
 * EVENT(c_name, TYPE, id, JFR name, label, category with '/' between levels, description or NULL)
 *     FIELD(KIND, name, units, label)...   END(c_name)
 * startTime is the first field and duration, if any, the second: the JDK's reader requires it.
 * Sampled events have ids below 128, one byte in every sample; the others start at 300. Id 76 is the
 * second byte of a chunk's magic: "FL" read as an event is 70 bytes of type 76 (FORMAT.md §8). */
#define JFR_EVENTS(EVENT, FIELD, END)                                                              \
    EVENT(execution_sample, EXECUTION_SAMPLE, 64, "jdk.ExecutionSample",                           \
          "Method Profiling Sample", "Java Virtual Machine/Profiling",                             \
          "Snapshot of a threads state")                                                           \
        FIELD(LONG,               startTime,     JFR_TICK_STAMP, "Start Time")                     \
        FIELD(POOL(THREAD),       sampledThread, JFR_NO_UNIT,    "Thread")                         \
        FIELD(POOL(STACK_TRACE),  stackTrace,    JFR_NO_UNIT,    "Stack Trace")                    \
        FIELD(POOL(THREAD_STATE), state,         JFR_NO_UNIT,    "Thread State")                   \
    END(execution_sample)                                                                          \
    EVENT(native_method_sample, NATIVE_METHOD_SAMPLE, 65, "jdk.NativeMethodSample",                \
          "Method Profiling Sample Native", "Java Virtual Machine/Profiling",                      \
          "Snapshot of a threads state when in native")                                            \
        FIELD(LONG,               startTime,     JFR_TICK_STAMP, "Start Time")                     \
        FIELD(POOL(THREAD),       sampledThread, JFR_NO_UNIT,    "Thread")                         \
        FIELD(POOL(STACK_TRACE),  stackTrace,    JFR_NO_UNIT,    "Stack Trace")                    \
        FIELD(POOL(THREAD_STATE), state,         JFR_NO_UNIT,    "Thread State")                   \
    END(native_method_sample)                                                                      \
    EVENT(thread_start, THREAD_START, 66, "jdk.ThreadStart",                                       \
          "Java Thread Start", "Java Application", NULL)                                           \
        FIELD(LONG,              startTime,    JFR_TICK_STAMP, "Start Time")                       \
        FIELD(POOL(THREAD),      eventThread,  JFR_NO_UNIT,    "Event Thread")                     \
        FIELD(POOL(STACK_TRACE), stackTrace,   JFR_NO_UNIT,    "Stack Trace")                      \
        FIELD(POOL(THREAD),      thread,       JFR_NO_UNIT,    "New Java Thread")                  \
        FIELD(POOL(THREAD),      parentThread, JFR_NO_UNIT,    "Parent Java Thread")               \
    END(thread_start)                                                                              \
    EVENT(thread_end, THREAD_END, 67, "jdk.ThreadEnd",                                             \
          "Java Thread End", "Java Application", NULL)                                             \
        FIELD(LONG,         startTime,   JFR_TICK_STAMP, "Start Time")                             \
        FIELD(POOL(THREAD), eventThread, JFR_NO_UNIT,    "Event Thread")                           \
        FIELD(POOL(THREAD), thread,      JFR_NO_UNIT,    "Java Thread")                            \
    END(thread_end)                                                                                \
    EVENT(chunk_edge, CHUNK_EDGE, 76, "profiler.ChunkEdge",                                        \
          "Chunk Edge", "Profiler",                                                                \
          "The header of the next chunk, seen in the moment before it begins")                     \
        FIELD(LONG, startTime, JFR_TICK_STAMP, "Start Time")                                       \
    END(chunk_edge)                                                                                \
    EVENT(active_recording, ACTIVE_RECORDING, 300, "jdk.ActiveRecording",                          \
          "Flight Recording", "Flight Recorder", NULL)                                             \
        FIELD(LONG,              startTime,         JFR_TICK_STAMP,   "Start Time")                \
        FIELD(LONG,              duration,          JFR_TICK_SPAN,    "Duration")                  \
        FIELD(POOL(THREAD),      eventThread,       JFR_NO_UNIT,      "Event Thread")              \
        FIELD(POOL(STACK_TRACE), stackTrace,        JFR_NO_UNIT,      "Stack Trace")               \
        FIELD(LONG,              id,                JFR_NO_UNIT,      "Id")                        \
        FIELD(STRING,            name,              JFR_NO_UNIT,      "Name")                      \
        FIELD(STRING,            destination,       JFR_NO_UNIT,      "Destination")               \
        FIELD(LONG,              maxAge,            JFR_MILLIS,       "Max Age")                   \
        FIELD(LONG,              flushInterval,     JFR_MILLIS,       "Flush Interval")            \
        FIELD(LONG,              maxSize,           JFR_BYTES,        "Max Size")                  \
        FIELD(LONG,              recordingStart,    JFR_EPOCH_MILLIS, "Start Time")                \
        FIELD(LONG,              recordingDuration, JFR_MILLIS,       "Recording Duration")        \
    END(active_recording)                                                                          \
    EVENT(active_setting, ACTIVE_SETTING, 301, "jdk.ActiveSetting",                                \
          "Recording Setting", "Flight Recorder", NULL)                                            \
        FIELD(LONG,              startTime,   JFR_TICK_STAMP, "Start Time")                        \
        FIELD(LONG,              duration,    JFR_TICK_SPAN,  "Duration")                          \
        FIELD(POOL(THREAD),      eventThread, JFR_NO_UNIT,    "Event Thread")                      \
        FIELD(POOL(STACK_TRACE), stackTrace,  JFR_NO_UNIT,    "Stack Trace")                       \
        FIELD(LONG,              id,          JFR_NO_UNIT,    "Event Id")                          \
        FIELD(STRING,            name,        JFR_NO_UNIT,    "Setting Name")                      \
        FIELD(STRING,            value,       JFR_NO_UNIT,    "Setting Value")                     \
    END(active_setting)                                                                            \
    EVENT(jvm_information, JVM_INFORMATION, 302, "jdk.JVMInformation",                             \
          "JVM Information", "Java Virtual Machine",                                               \
          "Description of JVM and the Java application")                                           \
        FIELD(LONG,   startTime,     JFR_TICK_STAMP,   "Start Time")                               \
        FIELD(STRING, jvmName,       JFR_NO_UNIT,      "JVM Name")                                 \
        FIELD(STRING, jvmVersion,    JFR_NO_UNIT,      "JVM Version")                              \
        FIELD(STRING, jvmArguments,  JFR_NO_UNIT,      "JVM Command Line Arguments")               \
        FIELD(STRING, jvmFlags,      JFR_NO_UNIT,      "JVM Settings File Arguments")              \
        FIELD(STRING, javaArguments, JFR_NO_UNIT,      "Java Application Arguments")               \
        FIELD(LONG,   jvmStartTime,  JFR_EPOCH_MILLIS, "JVM Start Time")                           \
        FIELD(LONG,   pid,           JFR_NO_UNIT,      "Process Identifier")                       \
    END(jvm_information)                                                                           \
    EVENT(os_information, OS_INFORMATION, 303, "jdk.OSInformation",                                \
          "OS Information", "Operating System",                                                    \
          "Description of the OS the JVM runs on, for example, a uname-like output")               \
        FIELD(LONG,   startTime, JFR_TICK_STAMP, "Start Time")                                     \
        FIELD(STRING, osVersion, JFR_NO_UNIT,    "OS Version")                                     \
    END(os_information)                                                                            \
    EVENT(cpu_information, CPU_INFORMATION, 304, "jdk.CPUInformation",                             \
          "CPU Information", "Operating System/Processor",                                         \
          "Characteristics and descriptions of the processor(s) the JVM is running on")            \
        FIELD(LONG,   startTime,   JFR_TICK_STAMP, "Start Time")                                   \
        FIELD(STRING, cpu,         JFR_NO_UNIT,    "Type")                                         \
        FIELD(STRING, description, JFR_NO_UNIT,    "Description")                                  \
        FIELD(INT,    sockets,     JFR_UNSIGNED,   "Sockets")                                      \
        FIELD(INT,    cores,       JFR_UNSIGNED,   "Cores")                                        \
        FIELD(INT,    hwThreads,   JFR_UNSIGNED,   "Hardware Threads")                             \
    END(cpu_information)                                                                           \
    EVENT(initial_system_property, INITIAL_SYSTEM_PROPERTY, 305, "jdk.InitialSystemProperty",      \
          "Initial System Property", "Java Virtual Machine", "System Property at JVM start")       \
        FIELD(LONG,   startTime, JFR_TICK_STAMP, "Start Time")                                     \
        FIELD(STRING, key,       JFR_NO_UNIT,    "Key")                                            \
        FIELD(STRING, value,     JFR_NO_UNIT,    "Value")                                          \
    END(initial_system_property)                                                                   \
    EVENT(initial_environment_variable, INITIAL_ENVIRONMENT_VARIABLE, 306,                         \
          "jdk.InitialEnvironmentVariable", "Initial Environment Variable", "Operating System",    \
          "Key-value pairs for environment variables at JVM startup")                              \
        FIELD(LONG,   startTime, JFR_TICK_STAMP, "Start Time")                                     \
        FIELD(STRING, key,       JFR_NO_UNIT,    "Key")                                            \
        FIELD(STRING, value,     JFR_NO_UNIT,    "Value")                                          \
    END(initial_environment_variable)                                                              \
    EVENT(native_library, NATIVE_LIBRARY, 307, "jdk.NativeLibrary",                                \
          "Native Library", "Java Virtual Machine/Runtime",                                        \
          "Information about a dynamic library or other native image loaded by the JVM process")   \
        FIELD(LONG,   startTime,   JFR_TICK_STAMP,             "Start Time")                       \
        FIELD(STRING, name,        JFR_NO_UNIT,                "Name")                             \
        FIELD(LONG,   baseAddress, JFR_UNSIGNED | JFR_ADDRESS, "Base Address")                     \
        FIELD(LONG,   topAddress,  JFR_UNSIGNED | JFR_ADDRESS, "Top Address")                      \
    END(native_library)                                                                            \
    EVENT(cpu_load, CPU_LOAD, 308, "jdk.CPULoad",                                                  \
          "CPU Load", "Operating System/Processor",                                                \
          "Information about the recent CPU usage of the JVM process")                             \
        FIELD(LONG,  startTime,    JFR_TICK_STAMP, "Start Time")                                   \
        FIELD(FLOAT, jvmUser,      JFR_PERCENT,    "JVM User")                                     \
        FIELD(FLOAT, jvmSystem,    JFR_PERCENT,    "JVM System")                                   \
        FIELD(FLOAT, machineTotal, JFR_PERCENT,    "Machine Total")                                \
    END(cpu_load)                                                                                  \
    EVENT(physical_memory, PHYSICAL_MEMORY, 309, "jdk.PhysicalMemory",                             \
          "Physical Memory", "Operating System/Memory", "OS Physical Memory")                      \
        FIELD(LONG, startTime, JFR_TICK_STAMP,           "Start Time")                             \
        FIELD(LONG, totalSize, JFR_UNSIGNED | JFR_BYTES, "Total Size")                             \
        FIELD(LONG, usedSize,  JFR_UNSIGNED | JFR_BYTES, "Used Size")                              \
    END(physical_memory)                                                                           \
    EVENT(shutdown, SHUTDOWN, 310, "jdk.Shutdown",                                                 \
          "JVM Shutdown", "Java Virtual Machine/Runtime", "JVM shutting down")                     \
        FIELD(LONG,              startTime,   JFR_TICK_STAMP, "Start Time")                        \
        FIELD(POOL(THREAD),      eventThread, JFR_NO_UNIT,    "Event Thread")                      \
        FIELD(POOL(STACK_TRACE), stackTrace,  JFR_NO_UNIT,    "Stack Trace")                       \
        FIELD(STRING,            reason,      JFR_NO_UNIT,    "Reason")                            \
    END(shutdown)                                                                                  \
    EVENT(data_loss, DATA_LOSS, 311, "jdk.DataLoss",                                               \
          "Data Loss", "Flight Recorder",                                                          \
          "Data could not be copied out from a buffer, typically because of contention")           \
        FIELD(LONG, startTime, JFR_TICK_STAMP,           "Start Time")                             \
        FIELD(LONG, amount,    JFR_UNSIGNED | JFR_BYTES, "Amount")                                 \
        FIELD(LONG, total,     JFR_UNSIGNED | JFR_BYTES, "Total")                                  \
    END(data_loss)                                                                                 \
    EVENT(statistics, STATISTICS, 312, "profiler.Statistics",                                      \
          "Profiler Statistics", "Profiler",                                                       \
          "Samples taken, failed and lost, by cause, and what they cost, since the start")         \
        FIELD(LONG, startTime, JFR_TICK_STAMP, "Start Time")                                       \
        JFR_STATISTICS(FIELD)                                                                      \
    END(statistics)                                                                                \
    JFR_JVM_EVENTS(EVENT, FIELD, END)
/* clang-format on */

#include "jfr/schema_gen.h"

#endif
