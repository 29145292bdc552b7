/**
 * A call chain that the compiler inlines (the test forces it to): run → middle → inner. Inlining SECONDS. The lines that the test looks for end
 * with "// @NAME".
 */
public final class Inlining {
    private static final int ROUNDS = 200;

    private Inlining() {}

    public static void main(String[] args) {
        long end = System.nanoTime() + (long) (Double.parseDouble(args[0]) * 1e9);
        long sum = 0;
        while (System.nanoTime() < end) {
            sum += run(100_000);
        }
        System.out.println(sum == 0 ? "zero" : "done");
    }

    private static long run(int calls) {
        long sum = 0;
        for (int i = 0; i < calls; i++) {
            sum += middle(i); // @run
        }
        return sum;
    }

    private static long middle(int seed) {
        return 1
                + inner(seed); // @middle
    }

    private static long inner(int seed) {
        long x = seed;
        for (int i = 0; i < ROUNDS; i++) { // @inner
            x ^= x * 31 + i; // @inner
            x ^= x >>> 5; // @inner
        }
        return x;
    }
}
