package interop;

/** What is said about one recording. */
final class Report {
    private int failures;

    Report(String file) {
        System.out.println("recording " + file);
    }

    void say(String format, Object... args) {
        System.out.printf("  " + format + "%n", args);
    }

    void fail(String what) {
        failures++;
        System.out.println("  FAIL " + what);
    }

    /** Says it when it holds, fails with it when it does not. */
    void expect(boolean holds, String what) {
        if (holds) {
            say("%s", what);
        } else {
            fail(what);
        }
    }

    int failures() {
        return failures;
    }
}
