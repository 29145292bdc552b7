import java.io.IOException;

/** Says "ready", then does little until its standard input ends: a thread uses some CPU time now and then. */
public final class Idle {
    private Idle() {}

    public static void main(String[] args) throws IOException {
        Thread now = new Thread(() -> {
            try {
                while (true) {
                    Burn.millis(20);
                    Thread.sleep(20);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "now-and-then");
        now.setDaemon(true);
        now.start();
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // What is typed means nothing.
        }
        System.out.println("bye");
    }
}
