/* hypervisor.c — virtualization by CPUID. Source of leaf and signatures: HotSpot
 * cpu/x86/vm_version_x86.cpp, kernel arch/x86/kernel/cpu/hypervisor.c. */
#include "os/hypervisor.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attrs.h"

static const char k_none[] = "No virtualization detected";

const char *hypervisor_of_signature(const char signature[12])
{
    static const struct {
        char signature[12];
        const char *name;
    } k_known[] = {
        {"VMwareVMware", "VMWare virtualization"},
        {"KVMKVMKVM", "KVM virtualization"},
        {"Microsoft Hv", "Hyper-V virtualization"},
        {"XenVMMXenVMM", "Xen hardware-assisted virtualization"},
    };
    for (size_t i = 0; i < COUNT_OF(k_known); i++)
        if (memcmp(signature, k_known[i].signature, sizeof k_known[i].signature) == 0)
            return k_known[i].name;
    return k_none;
}

#if defined(__x86_64__)
#include <cpuid.h>

const char *hypervisor_name(void)
{
    enum { HYPERVISOR_BIT = 31, FIRST_LEAF = 0x40000000 };
    uint32_t eax, ebx, ecx, edx;
    char signature[12];
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx >> HYPERVISOR_BIT))
        return k_none;
    __cpuid(FIRST_LEAF, eax, ebx, ecx, edx);
    memcpy(signature, &ebx, sizeof ebx);
    memcpy(signature + 4, &ecx, sizeof ecx);
    memcpy(signature + 8, &edx, sizeof edx);
    return hypervisor_of_signature(signature);
}
#else
const char *hypervisor_name(void)
{
    return NULL;
}
#endif
