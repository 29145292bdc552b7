/* load.c — differences of CPU time counters to shares. Pure. */
#include "record/load.h"

static float clamp(double share)
{
    return share > 1 ? 1.0f : share > 0 ? (float)share : 0.0f;
}

static double share(uint64_t from, uint64_t to, double of)
{
    return to > from && of > 0 ? (double)(to - from) / of : 0;
}

struct load_shares load_between(const struct load_sample *from, const struct load_sample *to,
                                int n_cpus)
{
    double capacity_ns =
        to->now_ns > from->now_ns ? (double)(to->now_ns - from->now_ns) * n_cpus : 0;
    double all = to->machine.all_ticks > from->machine.all_ticks
                     ? (double)(to->machine.all_ticks - from->machine.all_ticks)
                     : 0;
    struct load_shares s = {
        .jvm_user = clamp(share(from->process_user_ns, to->process_user_ns, capacity_ns)),
        .jvm_system = clamp(share(from->process_system_ns, to->process_system_ns, capacity_ns)),
        .machine_total = clamp(share(from->machine.busy_ticks, to->machine.busy_ticks, all)),
    };
    if (s.jvm_user + s.jvm_system > 1)
        s.jvm_system = 1 - s.jvm_user;
    if (s.machine_total < s.jvm_user + s.jvm_system) /* two clocks, read one after the other */
        s.machine_total = s.jvm_user + s.jvm_system;
    return s;
}

float load_switch_rate(const struct load_sample *from, const struct load_sample *to)
{
    if (to->now_ns <= from->now_ns || to->machine.n_switches <= from->machine.n_switches)
        return 0;
    return (float)((double)(to->machine.n_switches - from->machine.n_switches) * 1e9 /
                   (double)(to->now_ns - from->now_ns));
}

struct load_shares load_of_thread(const struct load_thread *from, const struct load_thread *to,
                                  int n_cpus)
{
    double capacity_ns =
        to->now_ns > from->now_ns ? (double)(to->now_ns - from->now_ns) * n_cpus : 0;
    double total = share(from->cpu_ns, to->cpu_ns, capacity_ns);
    double user =
        to->user_ticks > from->user_ticks ? (double)(to->user_ticks - from->user_ticks) : 0;
    double system =
        to->system_ticks > from->system_ticks ? (double)(to->system_ticks - from->system_ticks) : 0;
    double part = user + system > 0 ? user / (user + system) : 1;
    return (struct load_shares){.jvm_user = clamp(total * part),
                                .jvm_system = clamp(total * (1 - part))};
}
