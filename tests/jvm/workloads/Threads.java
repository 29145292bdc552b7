/** Threads that come and go. Threads COUNT MILLIS: so many, two at a time, "visitor-1" and on; each one, and main, uses so much CPU time. */
public final class Threads {
    private Threads() {}

    public static void main(String[] args) throws InterruptedException {
        int count = Integer.parseInt(args[0]);
        long millis = Long.parseLong(args[1]);
        for (int i = 1; i <= count; i += 2) {
            Thread first = visitor(i, millis);
            Thread second = visitor(i + 1, millis);
            first.join();
            second.join();
        }
        Burn.millis(millis);
        System.out.println(count + " came and went");
    }

    private static Thread visitor(int number, long millis) {
        Thread thread = new Thread(() -> Burn.millis(millis), "visitor-" + number);
        thread.start();
        return thread;
    }
}
