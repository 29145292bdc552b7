import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** Much garbage, some of it long-lived, on two threads: the collector runs all the time in a small heap. Garbage SECONDS. */
public final class Garbage {
    private static volatile Object sink;

    private Garbage() {}

    public static void main(String[] args) throws InterruptedException {
        long end = System.nanoTime() + (long) (Double.parseDouble(args[0]) * 1e9);
        Thread second = new Thread(() -> litter(end), "litter");
        second.start();
        litter(end);
        second.join();
        System.out.println("done");
    }

    private static void litter(long end) {
        ArrayDeque<Map<String, int[]>> kept = new ArrayDeque<>();
        for (int round = 0; System.nanoTime() < end; round++) {
            Map<String, int[]> map = new HashMap<>();
            for (int i = 0; i < 100; i++) {
                map.put("key-" + round + "-" + i, new int[100]);
            }
            kept.add(map);
            if (kept.size() > 100) {
                sink = kept.poll();
            }
        }
    }
}
