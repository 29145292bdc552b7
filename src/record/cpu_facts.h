/* cpu_facts.h — what /proc/cpuinfo says of the machine, for jdk.CPUInformation. */
#ifndef RECORD_CPU_FACTS_H
#define RECORD_CPU_FACTS_H

#include <stdbool.h>

struct cpu_facts {
    char model[128];
    char vendor[64];
    char details[256]; /* "Family: 25, Model: 1, Stepping: 1" */
    int sockets, cores, hw_threads;
};

/* text: /proc/cpuinfo of x86 or arm64. Missing lines leave ""; the counts are at least 1. */
void cpu_facts_parse(const char *text, struct cpu_facts *out);

#endif
