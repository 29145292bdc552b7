/* lookup.h — entries of the tables that HotSpot exports for its serviceability agent, by name.
 * Normal side. For what is wanted beside the walker's layout (vm_structs.c), where all may lack. */
#ifndef VM_LOOKUP_H
#define VM_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vm_entry {
    const char *type;
    const char *field; /* NULL: the size of the type is wanted */
    bool found;
    bool is_static;
    uint64_t value; /* offset in the object, address of a static variable, or size */
};

/* Fill in what the loaded libjvm has of the entries; the others stay as they are. */
void vm_lookup(struct vm_entry *entries, size_t n);

#endif
