/** Recursion. Deep DEPTH MILLIS: goes so deep and uses so much CPU time there. */
public final class Deep {
    private Deep() {}

    public static void main(String[] args) {
        System.out.println("depth " + down(Integer.parseInt(args[0]), Long.parseLong(args[1])));
    }

    private static int down(int left, long millis) {
        if (left == 0) {
            Burn.millis(millis);
            return 0;
        }
        return down(left - 1, millis) + 1;
    }
}
