/** The ways in which a JVM ends. Exits HOW; before that it uses 100 ms of CPU time and prints what it is going to do. */
public final class Exits {
    private Exits() {}

    public static void main(String[] args) throws InterruptedException {
        System.out.println("going to end by " + args[0]);
        System.err.println("a line of its own");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shutdown hook")));
        Burn.millis(100);
        switch (args[0]) {
            case "return": break;
            case "exit": System.exit(3); break;
            case "uncaught": throw new IllegalStateException("on purpose");
            case "thread": inThread(() -> System.exit(7)); break;
            case "daemon": inThread(() -> { throw new IllegalStateException("in a thread, on purpose"); }); break;
            case "halt": Runtime.getRuntime().halt(5); break;
            case "signal": Thread.sleep(Long.MAX_VALUE); break;
            default: throw new IllegalArgumentException(args[0]);
        }
        System.out.println("the end of main");
    }

    private static void inThread(Runnable what) throws InterruptedException {
        Thread thread = new Thread(what, "ender");
        thread.start();
        thread.join();
    }
}
