/** Exceptions, thrown and caught at changing depths. Exceptions SECONDS. Stacks are unwound all the time here. */
public final class Exceptions {
    private static long caught;

    private Exceptions() {}

    public static void main(String[] args) {
        long end = System.nanoTime() + (long) (Double.parseDouble(args[0]) * 1e9);
        int depth = 0;
        while (System.nanoTime() < end) {
            try {
                fall(depth++ % 60);
            } catch (IllegalStateException e) {
                caught += e.getStackTrace().length > 0 ? 1 : 0;
            }
            implicit(depth % 3 == 0 ? null : "x");
        }
        System.out.println(caught > 0 ? "caught" : "nothing caught");
    }

    private static int fall(int depth) {
        if (depth == 0) {
            throw new IllegalStateException("the bottom");
        }
        try {
            return fall(depth - 1) + 1;
        } finally {
            caught++;
        }
    }

    /** Null checks that the compiled code leaves to a signal handler of the JVM. */
    private static void implicit(String text) {
        try {
            caught += text.length();
        } catch (NullPointerException e) {
            caught++;
        }
    }
}
