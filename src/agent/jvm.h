/* jvm.h — what JNI and JVMTI tell the agent: threads, properties, events. Threads attached to the
 * JVM only. */
#ifndef AGENT_JVM_H
#define AGENT_JVM_H

#include <jvmti.h>
#include <stdbool.h>

#include "agent/session.h"

struct jvm {
    JavaVM *vm;
    jvmtiEnv *jvmti;
    jfieldID eetop, tid;     /* of java.lang.Thread; NULL if it has no such field (not HotSpot) */
    const struct vm *tables; /* NULL: none */
};

/* A JVMTI environment without any capability: none of them is free. 0 or -errno with a line in e.
 */
int jvm_open(struct jvm *j, JavaVM *vm, struct err *e);
/* Find java.lang.Thread's fields; live phase (VMInit, attach). */
void jvm_bind(struct jvm *j, JNIEnv *jni);

/* Describe a thread (NULL: the calling one) and pass it to fn; nothing when it has ended. */
void jvm_describe_thread(struct jvm *j, JNIEnv *jni, jthread thread,
                         void (*fn)(void *ctx, const struct java_thread *t), void *ctx);
/* Every live Java thread. */
void jvm_each_thread(struct jvm *j, JNIEnv *jni, void (*fn)(void *ctx, const struct java_thread *t),
                     void *ctx);
/* The system properties and the version, for the start of a recording. */
void jvm_read_environment(struct jvm *j, struct environment *out);
/* Whether the calling thread is the one that main() turned into when it returned. */
bool jvm_is_destroy_thread(struct jvm *j, JNIEnv *jni);

#endif
