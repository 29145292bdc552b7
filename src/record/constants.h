/* constants.h — what the stacks in the stores become in a recording: StackTrace, Method, Class,
 * Package, Symbol, Thread and ThreadGroup constants, each once. Recorder thread only.
 *
 * Ids: a Symbol's is that of its text; a Class, a Package, a ThreadGroup has the id of its name's
 * Symbol. A Java method has its method_id; native code, kernel code and the markers of failed walks
 * get ids from CONSTANTS_NATIVE_BASE on, one per (library, symbol). All below 2^31, none ever
 * changes its meaning. Memory: the names, the table of written methods (a byte each) and a cache of
 * 4096 addresses. */
#ifndef RECORD_CONSTANTS_H
#define RECORD_CONSTANTS_H

#include <stdint.h>

#include "elf/codemap.h"
#include "jfr/writer.h"
#include "store/method_dict.h"
#include "store/thread_table.h"
#include "store/trace_store.h"

#define CONSTANTS_NATIVE_BASE (1u << 30)

struct constants;

struct constants_config {
    struct jfr_writer *writer;                    /* all borrowed for the life of the constants */
    struct method_index *methods;                 /* NULL: there are no Java frames */
    struct codemap *code;                         /* NULL: native frames have no names */
    uint32_t max_frames;                          /* of a trace, marker included */
    const char *(*failure_name)(uint64_t status); /* of a FRAME_FAILED frame */
};

/* NULL when out of memory. */
struct constants *constants_new(const struct constants_config *config);
void constants_free(struct constants *c);

/* Before the traces of a flush: the list of libraries may be read again, once, if an address is in
 * none. */
void constants_begin_flush(struct constants *c);
/* A refused constant (memory, disk) is the writer's to report: readers show what refers to it as
 * unknown. */
void constants_add_trace(struct constants *c, const struct trace *trace);
void constants_add_thread(struct constants *c, const struct thread_info *info);
/* The Symbol's id of a text, 0 when out of memory. */
uint32_t constants_add_symbol(struct constants *c, const char *text, size_t n_bytes);

/* So far. */
uint64_t constants_n_methods(const struct constants *c);
uint64_t constants_n_threads(const struct constants *c);
uint64_t constants_n_traces(const struct constants *c);

#endif
