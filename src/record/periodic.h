/* periodic.h — the events that are written every so often, and those of the JVM's configuration and
 * garbage collections. Recorder thread only; it never enters the JVM: everything comes from /proc,
 * system calls, and the JVM's memory by fault-safe loads.
 *
 * What there is and how often is one table (periodic.c), with the periods of the JDK's default
 * settings. An event that this JVM or kernel cannot give is left out and not declared enabled. */
#ifndef RECORD_PERIODIC_H
#define RECORD_PERIODIC_H

#include <stdbool.h>
#include <stdint.h>

#include "jfr/writer.h"
#include "store/thread_table.h"
#include "vm/vm.h"

struct periodic;

struct periodic_config { /* borrowed */
    const struct vm *vm; /* NULL: no tables */
    struct thread_table *threads;
    int n_cpus;
    bool has_pauses; /* gc_ring_* is fed by the JVM's callbacks */
};

/* Nothing is read yet. NULL: out of memory. */
struct periodic *periodic_new(const struct periodic_config *config);
/* No more pauses are noted. NULL ok. */
void periodic_free(struct periodic *p);

/* At the start of a recording and of each further chunk: the settings, the events that belong to a
 * chunk's beginning. The first one begins all measurements and the noting of pauses. */
void periodic_begin(struct periodic *p, struct jfr_writer *w, uint64_t now_ns);
/* Whatever is due, and the pauses since the last call. */
void periodic_tick(struct periodic *p, struct jfr_writer *w, uint64_t now_ns);
/* At the end of a chunk or recording: what was not due yet but counts up to here. */
void periodic_end(struct periodic *p, struct jfr_writer *w, uint64_t now_ns);

/* When the next periodic event is due; 0 before the first begin. */
uint64_t periodic_next_due_ns(const struct periodic *p);
/* CPU time that begin, tick and end have taken so far. */
uint64_t periodic_cpu_ns(const struct periodic *p);

/* A thread dump in jstack's form for jdk.ThreadDump, made by somebody who may enter the JVM; any
 * thread. text: malloc()ed, taken over; of several before the next tick the last one is written. */
void periodic_post_thread_dump(struct periodic *p, char *text);

#endif
