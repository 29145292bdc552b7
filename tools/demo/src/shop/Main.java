package shop;

import java.util.concurrent.TimeUnit;

/**
 * The demo application: an order service under a steady load, for recording something that looks like real work.
 *
 * <p>{@code java -cp demo.jar shop.Main [seconds]} takes orders as JSON text for the given time (10 seconds when not said),
 * checks, prices and books them on named threads, and prints what it has done. The orders come from a generator
 * with a fixed seed, so that two runs do the same work in the same order. Its hot spots are known and
 * described in tools/demo/README.md.
 */
public final class Main {
    private static final long SEED = 20240229L;
    private static final int WORKERS = 3;

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        int seconds = seconds(args);
        if (seconds < 1) {
            System.err.println("usage: shop.Main [seconds]   (a whole number from 1 to 86400, default 10)");
            System.exit(2);
        }
        OrderService service = new OrderService(WORKERS, new OrderSource(SEED));
        long start = System.nanoTime();
        service.start();
        TimeUnit.SECONDS.sleep(seconds);
        service.stop();
        double elapsed = (System.nanoTime() - start) / 1e9;
        System.out.printf("orders processed: %d (accepted %d, rejected %d) in %.1f s%n", service.processed(),
                service.accepted(), service.rejected(), elapsed);
        System.out.println("best customers: " + service.bestCustomers());
    }

    private static int seconds(String[] args) {
        if (args.length == 0) {
            return 10;
        }
        if (args.length > 1 || !args[0].matches("[0-9]{1,5}")) {
            return -1;
        }
        int seconds = Integer.parseInt(args[0]);
        return seconds <= 86400 ? seconds : -1;
    }
}
