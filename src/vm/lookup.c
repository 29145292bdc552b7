/* lookup.c — HotSpot's exported tables by name: one pass for any number of entries. Normal side.
 * The tables: HotSpot runtime/vmStructs.{hpp,cpp}. */
#include "vm/lookup.h"

#include <dlfcn.h>
#include <string.h>

static uint64_t number_of(void *jvm, const char *symbol)
{
    const uint64_t *p = dlsym(jvm, symbol);
    return p ? *p : 0;
}

static const char *rows_of(void *jvm, const char *symbol)
{
    const char *const *p = dlsym(jvm, symbol);
    return p ? *p : NULL;
}

static const char *text_at(const char *row, uint64_t offset)
{
    const char *s;
    memcpy(&s, row + offset, sizeof s);
    return s;
}

static void take_field(struct vm_entry *e, const char *row, void *jvm)
{
    int32_t is_static;
    memcpy(&is_static, row + number_of(jvm, "gHotSpotVMStructEntryIsStaticOffset"),
           sizeof is_static);
    const char *column =
        is_static ? "gHotSpotVMStructEntryAddressOffset" : "gHotSpotVMStructEntryOffsetOffset";
    memcpy(&e->value, row + number_of(jvm, column), sizeof e->value);
    e->is_static = is_static != 0;
    e->found = true;
}

static void find_fields(void *jvm, struct vm_entry *entries, size_t n)
{
    const char *row = rows_of(jvm, "gHotSpotVMStructs");
    uint64_t stride = number_of(jvm, "gHotSpotVMStructEntryArrayStride");
    uint64_t type_at = number_of(jvm, "gHotSpotVMStructEntryTypeNameOffset");
    uint64_t field_at = number_of(jvm, "gHotSpotVMStructEntryFieldNameOffset");
    for (; row && stride && text_at(row, type_at); row += stride)
        for (size_t i = 0; i < n; i++)
            if (entries[i].field && !entries[i].found &&
                strcmp(entries[i].type, text_at(row, type_at)) == 0 &&
                strcmp(entries[i].field, text_at(row, field_at)) == 0)
                take_field(&entries[i], row, jvm);
}

static void find_sizes(void *jvm, struct vm_entry *entries, size_t n)
{
    const char *row = rows_of(jvm, "gHotSpotVMTypes");
    uint64_t stride = number_of(jvm, "gHotSpotVMTypeEntryArrayStride");
    uint64_t type_at = number_of(jvm, "gHotSpotVMTypeEntryTypeNameOffset");
    uint64_t size_at = number_of(jvm, "gHotSpotVMTypeEntrySizeOffset");
    for (; row && stride && text_at(row, type_at); row += stride)
        for (size_t i = 0; i < n; i++)
            if (!entries[i].field && !entries[i].found &&
                strcmp(entries[i].type, text_at(row, type_at)) == 0) {
                memcpy(&entries[i].value, row + size_at, sizeof entries[i].value);
                entries[i].found = true;
            }
}

void vm_lookup(struct vm_entry *entries, size_t n)
{
    void *jvm = dlopen("libjvm.so", RTLD_NOW | RTLD_NOLOAD);
    if (!jvm)
        jvm = RTLD_DEFAULT;
    find_fields(jvm, entries, n);
    find_sizes(jvm, entries, n);
}
