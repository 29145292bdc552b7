import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Locale;
import java.util.Random;

/**
 * Four methods that get 50, 25, 15 and 10 percent of the CPU time, on two threads. Shares SECONDS: so much CPU time in all.
 *
 * <p>The next to run is always the one that is furthest behind its share, as ThreadMXBean measures it, so the shares hold
 * whatever a method costs. Prints what was measured: "fifty 50.01", and so on.
 *
 * <p>A call takes 1 to 3 ms in each of them. On a busy machine Linux (without full preemption) often takes the CPU away at the end of a system
 * call, such as the one that reads the CPU time, before the tick that a sample waits for: methods with shorter calls than the others get fewer
 * samples than their CPU time is worth, with any profiler that samples by CPU timers. And calls of one length could keep step with the tick.
 */
public final class Shares implements Runnable {
    private static final double[] WANTED = {0.50, 0.25, 0.15, 0.10};
    private static final String[] NAMES = {"fifty", "twentyFive", "fifteen", "ten"};
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Random random = new Random(17);
    private final long budgetNanos;
    private final long[] usedNanos = new long[WANTED.length];
    private final double[] stepsPerNano = {0.1, 0.1, 0.1, 0.1};
    private long total;
    private long sum;

    private Shares(long budgetNanos) {
        this.budgetNanos = budgetNanos;
    }

    public static void main(String[] args) throws InterruptedException {
        long nanos = (long) (Double.parseDouble(args[0]) * 1e9);
        Shares[] parts = {new Shares(nanos / 2), new Shares(nanos / 2)};
        Thread second = new Thread(parts[1], "second");
        second.start();
        parts[0].run();
        second.join();
        long total = parts[0].total + parts[1].total;
        for (int i = 0; i < NAMES.length; i++) {
            System.out.printf(Locale.ROOT, "%s %.2f%n", NAMES[i],
                    100.0 * (parts[0].usedNanos[i] + parts[1].usedNanos[i]) / total);
        }
        if (parts[0].sum + parts[1].sum == 42) {
            System.out.println("the sums are used");
        }
    }

    @Override
    public void run() {
        long before = THREADS.getCurrentThreadCpuTime();
        while (total < budgetNanos) {
            int next = furthestBehind();
            int steps = 1 + (int) ((1_000_000 + random.nextInt(2_000_000)) * stepsPerNano[next]);
            sum += call(next, steps);
            long now = THREADS.getCurrentThreadCpuTime();
            stepsPerNano[next] += 0.1 * ((double) steps / (now - before) - stepsPerNano[next]);
            usedNanos[next] += now - before;
            total += now - before;
            before = now;
        }
    }

    private int furthestBehind() {
        int found = 0;
        for (int i = 1; i < WANTED.length; i++) {
            if (WANTED[i] * total - usedNanos[i] > WANTED[found] * total - usedNanos[found]) {
                found = i;
            }
        }
        return found;
    }

    private static long call(int which, int steps) {
        switch (which) {
            case 0: return fifty(steps);
            case 1: return twentyFive(steps);
            case 2: return fifteen(steps);
            default: return ten(steps);
        }
    }

    private static long fifty(int steps) {
        long x = 88172645463325252L;
        for (int i = 0; i < steps; i++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
        }
        return x;
    }

    private static long twentyFive(int steps) {
        double x = 1.5;
        for (int i = 1; i < steps; i++) {
            x = Math.sqrt(x * i + 1.0);
        }
        return Double.doubleToLongBits(x);
    }

    private static long fifteen(int steps) {
        int[] table = new int[1024];
        for (int i = 0; i < steps; i++) {
            int at = (i * 31) & 1023;
            table[at] = table[(at + 7) & 1023] * 5 + i;
        }
        return table[17];
    }

    private static long ten(int steps) {
        long hash = 1;
        for (int i = 1; i < steps; i++) {
            hash = (hash * 31 + i) % 1_000_003;
        }
        return hash;
    }
}
