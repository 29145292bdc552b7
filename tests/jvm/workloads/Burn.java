import java.lang.management.ManagementFactory;

/** Using CPU time, measured by the JVM. */
final class Burn {
    private static volatile long sink;

    private Burn() {}

    /** Uses so much CPU time of the calling thread. */
    static void millis(long millis) {
        long end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() + millis * 1_000_000;
        long x = 1;
        while (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() < end) {
            for (int i = 0; i < 20_000; i++) {
                x = x * 31 + i;
            }
        }
        sink = x;
    }
}
