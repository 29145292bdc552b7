// Workload.java — what the recordings of this folder were made from: a few hot spots of known names, two
// threads, some native time (waiting for a socket). Run as a single source file.
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

public class Workload {
    static volatile long sink;

    static long sortNumbers(Random random) {
        int[] numbers = random.ints(20_000).toArray();
        Arrays.sort(numbers);
        return numbers[numbers.length / 2];
    }

    static long countWords(Random random) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 20_000; i++)
            counts.merge("word" + random.nextInt(500), 1, Integer::sum);
        return counts.size();
    }

    static long recurse(int depth, long value) {
        if (depth == 0) {
            for (int i = 0; i < 2_000; i++)
                value = value * 6364136223846793005L + 1442695040888963407L;
            return value;
        }
        return recurse(depth - 1, value + depth) + 1;
    }

    static void work(long untilNanos) {
        Random random = new Random(42);
        while (System.nanoTime() < untilNanos) {
            sink += sortNumbers(random);
            sink += countWords(random);
            for (int i = 0; i < 400; i++)
                sink += recurse(40, i);
        }
    }

    static void waitForNobody(long untilNanos) {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            socket.setSoTimeout(200);
            while (System.nanoTime() < untilNanos) {
                try {
                    socket.accept().close();
                } catch (SocketTimeoutException expected) {
                    sink++;
                }
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static void main(String[] args) throws InterruptedException {
        long until = System.nanoTime() + Long.parseLong(args[0]) * 1_000_000_000L;
        Thread worker = new Thread(() -> work(until), "worker <b>\"1\" & co");
        Thread acceptor = new Thread(() -> waitForNobody(until), "acceptor");
        worker.start();
        acceptor.start();
        work(until);
        worker.join();
        acceptor.join();
    }
}
