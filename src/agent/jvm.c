/* jvm.c — questions to the JVM by JNI and JVMTI. In JVMTI callbacks and attach threads. */
#include "agent/jvm.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void dealloc(struct jvm *j, void *p)
{
    if (p)
        (*j->jvmti)->Deallocate(j->jvmti, p);
}

int jvm_open(struct jvm *j, JavaVM *vm, struct err *e)
{
    void *env = NULL;
    j->vm = vm;
    if ((*vm)->GetEnv(vm, &env, JVMTI_VERSION_1_2) != JNI_OK || !env)
        return err_set(e, -ENOSYS, "this JVM has no JVMTI");
    j->jvmti = env;
    return 0;
}

static jfieldID long_field(JNIEnv *jni, jclass class, const char *name)
{
    jfieldID field = (*jni)->GetFieldID(jni, class, name, "J");
    if (!field)
        (*jni)->ExceptionClear(jni);
    return field;
}

void jvm_bind(struct jvm *j, JNIEnv *jni)
{
    jclass class = (*jni)->FindClass(jni, "java/lang/Thread");
    if (!class) {
        (*jni)->ExceptionClear(jni);
        return;
    }
    j->eetop = long_field(jni, class, "eetop");
    j->tid = long_field(jni, class, "tid");
    (*jni)->DeleteLocalRef(jni, class);
}

/* --- threads ------------------------------------------------------------------------------------
 */

static char *group_name(struct jvm *j, JNIEnv *jni, jthreadGroup group)
{
    jvmtiThreadGroupInfo info = {0};
    if (!group || (*j->jvmti)->GetThreadGroupInfo(j->jvmti, group, &info) != JVMTI_ERROR_NONE)
        return NULL;
    if (info.parent)
        (*jni)->DeleteLocalRef(jni, info.parent);
    return info.name;
}

static jlong thread_field(JNIEnv *jni, jthread thread, jfieldID field)
{
    return field && thread ? (*jni)->GetLongField(jni, thread, field) : 0;
}

/* Thread.eetop is the JavaThread*, 0 before start() and after the end (JDK 8 .. 26). */
static bool find_native(struct jvm *j, JNIEnv *jni, jthread thread, bool is_current,
                        struct java_thread *t)
{
    t->java_thread = (void *)(uintptr_t)thread_field(jni, thread, j->eetop);
    t->info.java_id = thread_field(jni, thread, j->tid);
    if (is_current)
        t->info.tid = gettid();
    else if (t->java_thread && j->tables)
        t->info.tid = vm_thread_tid(j->tables, t->java_thread);
    return t->info.tid > 0;
}

void jvm_describe_thread(struct jvm *j, JNIEnv *jni, jthread thread,
                         void (*fn)(void *ctx, const struct java_thread *t), void *ctx)
{
    jvmtiThreadInfo info = {0};
    struct java_thread t = {0};
    bool is_current = thread == NULL;
    if (is_current && (*j->jvmti)->GetCurrentThread(j->jvmti, &thread) != JVMTI_ERROR_NONE)
        return;
    if (find_native(j, jni, thread, is_current, &t) &&
        (*j->jvmti)->GetThreadInfo(j->jvmti, thread, &info) == JVMTI_ERROR_NONE) {
        t.info.java_name = info.name;
        t.info.os_name = info.name; /* the kernel's is set later, and cut */
        t.info.group_name = group_name(j, jni, info.thread_group);
        fn(ctx, &t);
        dealloc(j, t.info.group_name);
        dealloc(j, info.name);
        if (info.thread_group)
            (*jni)->DeleteLocalRef(jni, info.thread_group);
        if (info.context_class_loader)
            (*jni)->DeleteLocalRef(jni, info.context_class_loader);
    }
    if (is_current)
        (*jni)->DeleteLocalRef(jni, thread);
}

void jvm_each_thread(struct jvm *j, JNIEnv *jni, void (*fn)(void *ctx, const struct java_thread *t),
                     void *ctx)
{
    jint n = 0;
    jthread *threads = NULL;
    if ((*j->jvmti)->GetAllThreads(j->jvmti, &n, &threads) != JVMTI_ERROR_NONE)
        return;
    for (jint i = 0; i < n; i++) {
        jvm_describe_thread(j, jni, threads[i], fn, ctx);
        (*jni)->DeleteLocalRef(jni, threads[i]);
    }
    dealloc(j, threads);
}

bool jvm_is_destroy_thread(struct jvm *j, JNIEnv *jni)
{
    jvmtiThreadInfo info = {0};
    jthread thread = NULL;
    if ((*j->jvmti)->GetCurrentThread(j->jvmti, &thread) != JVMTI_ERROR_NONE ||
        (*j->jvmti)->GetThreadInfo(j->jvmti, thread, &info) != JVMTI_ERROR_NONE)
        return false;
    bool is_it = info.name && strcmp(info.name, "DestroyJavaVM") == 0;
    dealloc(j, info.name);
    (*jni)->DeleteLocalRef(jni, thread);
    return is_it;
}

/* --- environment --------------------------------------------------------------------------------
 */

void jvm_read_environment(struct jvm *j, struct environment *out)
{
    jint n = 0;
    char **names = NULL;
    *out = (struct environment){.jvm_version = j->tables ? vm_info_string(j->tables) : ""};
    if ((*j->jvmti)->GetSystemProperties(j->jvmti, &n, &names) != JVMTI_ERROR_NONE)
        return;
    for (jint i = 0; i < n; i++) {
        char *value = NULL;
        if ((*j->jvmti)->GetSystemProperty(j->jvmti, names[i], &value) == JVMTI_ERROR_NONE)
            environment_add_property(out, names[i], value);
        dealloc(j, value);
        dealloc(j, names[i]);
    }
    dealloc(j, names);
}
