/* jvm_events.h — JVMTI events beyond the life of threads and the JVM: garbage collections; and what
 * JVMTI tells of all threads at once, a thread dump. */
#ifndef AGENT_JVM_EVENTS_H
#define AGENT_JVM_EVENTS_H

#include <jvmti.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/jvm.h"

/* Ask for the capability and fill in the callbacks for pauses. It costs two calls for each pause
 * and nothing else. False: this JVM does not tell of them. */
bool jvm_events_add_pauses(jvmtiEnv *jvmti, jvmtiEventCallbacks *callbacks);

void jvm_events_set_pauses(jvmtiEnv *jvmti, jvmtiEventMode mode);

/* Ourselves, for jdk.NativeAgent: options, library, when it was asked in and since when that takes.
 */
void jvm_describe_agent(struct environment *out, const char *options, uint64_t since_ns);

/* All Java threads with their stacks in the form of jstack, malloc()ed; NULL when out of memory.
 * Any attached thread; takes a safepoint. */
char *jvm_thread_dump(struct jvm *j, JNIEnv *jni);

#endif
