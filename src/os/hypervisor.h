/* hypervisor.h — what the processor says of the virtual machine it is in. Normal side. */
#ifndef OS_HYPERVISOR_H
#define OS_HYPERVISOR_H

/* The text of jdk.VirtualizationInformation as the JDK has it, "KVM virtualization" or "No
 * virtualization detected"; NULL where the processor can't be asked. */
const char *hypervisor_name(void);
/* The same of a hypervisor's signature of twelve characters (CPUID leaf 0x40000000). */
const char *hypervisor_of_signature(const char signature[12]);

#endif
