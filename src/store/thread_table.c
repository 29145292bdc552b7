/* thread_table.c — the threads known to the profiler. Normal side: JVMTI callbacks, session,
 * recorder. Signal side is thread_slot.c. Contract and slot states: thread_table.h. */
#include "store/thread_table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { N_BUCKETS = 1024 };

/* What one thread id means. Never changes once it is in the list. */
struct info_node {
    struct thread_info info;
    struct info_node *next;      /* in order of id */
    struct info_node *take_next; /* of one take_new call */
    bool is_visited;
    bool is_current; /* of a live slot */
};

struct slot_node {
    struct thread_slot slot; /* first: a slot's address is its node's */
    struct slot_node *all_next;
    struct slot_node *next; /* in its bucket (live) or in the free list */
    struct info_node *info; /* while live */
};

struct thread_table {
    pthread_mutex_t lock; /* everything below */
    struct slot_node *all;
    struct slot_node *free;
    struct slot_node *buckets[N_BUCKETS]; /* the live ones by tid */
    size_t n_live;
    struct info_node *infos;
    struct info_node **infos_end;
    thread_id next_id;
};

static void lock(struct thread_table *tt)
{
    pthread_mutex_lock(&tt->lock);
}
static void unlock(struct thread_table *tt)
{
    pthread_mutex_unlock(&tt->lock);
}

static struct slot_node *node_of(struct thread_slot *slot)
{
    return (struct slot_node *)slot;
}

static enum thread_state state_of(const struct slot_node *node)
{
    return (enum thread_state)load_relaxed(&node->slot.state);
}

/* --- infos ------------------------------------------------------------------------------------ */

static void info_free(struct info_node *node)
{
    if (!node)
        return;
    free(node->info.os_name);
    free(node->info.java_name);
    free(node->info.group_name);
    free(node);
}

static bool copy_string(char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

/* A copy that is in no list yet and has no id. */
static struct info_node *info_new(const struct thread_info *from)
{
    struct info_node *node = calloc(1, sizeof *node);
    if (!node)
        return NULL;
    node->info = (struct thread_info){
        .tid = from->tid, .java_id = from->java_id, .is_virtual = from->is_virtual};
    if (copy_string(&node->info.os_name, from->os_name ? from->os_name : "") &&
        copy_string(&node->info.java_name, from->java_name) &&
        copy_string(&node->info.group_name, from->group_name))
        return node;
    info_free(node);
    return NULL;
}

static bool same_string(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The OS name of a Java thread is cut to 15 bytes and follows its Java name: it says nothing new.
 */
static bool says_nothing_new(const struct thread_info *old, const struct thread_info *info)
{
    if (!info->java_name)
        return old->java_name || same_string(old->os_name, info->os_name ? info->os_name : "");
    return same_string(old->java_name, info->java_name) &&
           same_string(old->group_name, info->group_name) && old->java_id == info->java_id &&
           old->is_virtual == info->is_virtual;
}

/* Give the info its id, put it into the list and make it the slot's. */
static void info_attach(struct thread_table *tt, struct info_node *info, struct slot_node *node)
{
    info->info.id = tt->next_id++;
    *tt->infos_end = info;
    tt->infos_end = &info->next;
    if (node->info)
        node->info->is_current = false;
    node->info = info;
    info->is_current = true;
    store_release(&node->slot.id, info->info.id);
}

/* --- slots ------------------------------------------------------------------------------------ */

static struct slot_node **bucket_of(struct thread_table *tt, pid_t tid)
{
    return &tt->buckets[hash_mix64((uint64_t)tid) % N_BUCKETS];
}

static struct slot_node *find_live(struct thread_table *tt, pid_t tid)
{
    struct slot_node *node = *bucket_of(tt, tid);
    while (node && load_relaxed(&node->slot.tid) != tid)
        node = node->next;
    return node;
}

/* A free node, out of every list but all. Handlers write to their own slots, so each has its own
 * lines. */
static struct slot_node *node_take(struct thread_table *tt)
{
    struct slot_node *node = tt->free;
    if (node) {
        tt->free = node->next;
        return node;
    }
    size_t n = (sizeof *node + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
    node = aligned_alloc(CACHE_LINE, n);
    if (!node)
        return NULL;
    memset(node, 0, n);
    node->all_next = tt->all;
    tt->all = node;
    return node;
}

static struct slot_node *add_live(struct thread_table *tt, struct info_node *info,
                                  void *java_thread)
{
    struct slot_node *node = node_take(tt);
    if (!node)
        return NULL;
    struct slot_node **bucket = bucket_of(tt, info->info.tid);
    node->next = *bucket;
    *bucket = node;
    tt->n_live++;
    node->info = NULL;
    info_attach(tt, info, node);
    store_relaxed(&node->slot.tid, info->info.tid);
    store_relaxed(&node->slot.java_thread, java_thread);
    store_relaxed(&node->slot.in_handler, 0);
    store_relaxed(&node->slot.last_sample_ns, 0);
    node->slot.has_timer = false;
    store_release(&node->slot.state, THREAD_LIVE); /* PAIRS thread_slot_is_current: load_acquire */
    return node;
}

/* Takes *info (and sets it to NULL) when it says something new. */
static struct slot_node *add_or_update(struct thread_table *tt, struct info_node **info,
                                       void *java_thread)
{
    struct slot_node *node = find_live(tt, (*info)->info.tid);
    if (node && says_nothing_new(&node->info->info, &(*info)->info)) {
        if (java_thread)
            store_release(&node->slot.java_thread, java_thread);
        return node;
    }
    if (node) {
        store_release(&node->slot.java_thread, java_thread);
        info_attach(tt, *info, node);
    } else {
        node = add_live(tt, *info, java_thread);
    }
    if (node)
        *info = NULL; /* the list has it */
    return node;
}

struct thread_slot *thread_table_add(struct thread_table *tt, const struct thread_info *info,
                                     void *java_thread)
{
    struct info_node *copy = info_new(info);
    if (!copy)
        return NULL;
    lock(tt);
    struct slot_node *node = add_or_update(tt, &copy, java_thread);
    unlock(tt);
    info_free(copy);
    return node ? &node->slot : NULL;
}

struct thread_slot *thread_table_find(struct thread_table *tt, pid_t tid)
{
    lock(tt);
    struct slot_node *node = find_live(tt, tid);
    unlock(tt);
    return node ? &node->slot : NULL;
}

void thread_table_remove(struct thread_table *tt, struct thread_slot *slot)
{
    struct slot_node *node = node_of(slot);
    lock(tt);
    if (state_of(node) == THREAD_LIVE) {
        struct slot_node **link = bucket_of(tt, load_relaxed(&slot->tid));
        while (*link != node)
            link = &(*link)->next;
        *link = node->next;
        node->next = NULL;
        node->info->is_current = false;
        node->info = NULL;
        tt->n_live--;
        store_relaxed(&slot->java_thread, NULL);
        store_release(&slot->state, THREAD_GONE);
    }
    unlock(tt);
}

static void reclaim_slots(struct thread_table *tt)
{
    for (struct slot_node *node = tt->all; node; node = node->all_next) {
        if (state_of(node) != THREAD_GONE || node->slot.has_timer) /* its signals still come */
            continue;
        store_release(&node->slot.state, THREAD_FREE);
        node->next = tt->free;
        tt->free = node;
    }
}

static void reclaim_infos(struct thread_table *tt)
{
    struct info_node **link = &tt->infos;
    while (*link) {
        struct info_node *info = *link;
        if (info->is_visited && !info->is_current) {
            *link = info->next;
            info_free(info);
        } else {
            link = &info->next;
        }
    }
    tt->infos_end = link;
}

void thread_table_reclaim(struct thread_table *tt)
{
    lock(tt);
    reclaim_slots(tt);
    reclaim_infos(tt);
    unlock(tt);
}

/* --- visits ----------------------------------------------------------------------------------- */

void thread_table_take_new(struct thread_table *tt,
                           void (*fn)(void *ctx, const struct thread_info *), void *ctx)
{
    struct info_node *taken = NULL, **end = &taken;
    lock(tt);
    for (struct info_node *info = tt->infos; info; info = info->next) {
        if (info->is_visited)
            continue;
        info->is_visited = true;
        *end = info;
        end = &info->take_next;
    }
    *end = NULL;
    unlock(tt);
    for (; taken; taken = taken->take_next)
        fn(ctx, &taken->info);
}

void thread_table_visit_again(struct thread_table *tt)
{
    lock(tt);
    for (struct info_node *info = tt->infos; info; info = info->next)
        info->is_visited = false;
    unlock(tt);
}

void thread_table_visit(struct thread_table *tt, struct thread_slot *slot,
                        void (*fn)(void *ctx, struct thread_slot *), void *ctx)
{
    lock(tt);
    fn(ctx, slot);
    unlock(tt);
}

void thread_table_each(struct thread_table *tt, void (*fn)(void *ctx, struct thread_slot *),
                       void *ctx)
{
    lock(tt);
    for (struct slot_node *node = tt->all; node; node = node->all_next)
        if (state_of(node) == THREAD_LIVE)
            fn(ctx, &node->slot);
    unlock(tt);
}

size_t thread_table_live_count(struct thread_table *tt)
{
    lock(tt);
    size_t n = tt->n_live;
    unlock(tt);
    return n;
}

/* --- life and self-check ---------------------------------------------------------------------- */

struct thread_table *thread_table_new(void)
{
    struct thread_table *tt = calloc(1, sizeof *tt);
    if (!tt)
        return NULL;
    if (pthread_mutex_init(&tt->lock, NULL) != 0) {
        free(tt);
        return NULL;
    }
    tt->infos_end = &tt->infos;
    tt->next_id = 1;
    return tt;
}

void thread_table_free(struct thread_table *tt)
{
    if (!tt)
        return;
    for (struct slot_node *node = tt->all, *next; node; node = next) {
        next = node->all_next;
        free(node);
    }
    for (struct info_node *info = tt->infos, *next; info; info = next) {
        next = info->next;
        info_free(info);
    }
    pthread_mutex_destroy(&tt->lock);
    free(tt);
}

static const char *check_slots(struct thread_table *tt)
{
    size_t n_live = 0;
    for (struct slot_node *node = tt->all; node; node = node->all_next) {
        bool is_live = state_of(node) == THREAD_LIVE;
        n_live += is_live;
        if (is_live && find_live(tt, load_relaxed(&node->slot.tid)) != node)
            return "a live slot is not the one under its tid";
        if (is_live && (!node->info || !node->info->is_current))
            return "a live slot has no info";
        if (is_live && load_relaxed(&node->slot.id) != node->info->info.id)
            return "a live slot's id is not its info's";
        if (!is_live && node->info)
            return "a slot without a thread has an info";
    }
    return n_live == tt->n_live ? NULL : "the count of live slots is wrong";
}

static const char *check_infos(struct thread_table *tt)
{
    size_t n_current = 0;
    thread_id last = 0;
    struct info_node **end = &tt->infos;
    for (; *end; end = &(*end)->next) {
        if ((*end)->info.id <= last || (*end)->info.id >= tt->next_id)
            return "the infos' ids do not ascend below next_id";
        last = (*end)->info.id;
        n_current += (*end)->is_current;
    }
    if (end != tt->infos_end)
        return "the end of the infos is not where new ones go";
    return n_current == tt->n_live ? NULL : "not every current info belongs to a live slot";
}

const char *thread_table_check_valid(struct thread_table *tt)
{
    lock(tt);
    const char *problem = check_slots(tt);
    if (!problem)
        problem = check_infos(tt);
    unlock(tt);
    return problem;
}
