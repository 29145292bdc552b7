package interop;

import java.io.File;
import java.util.List;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/**
 * Reads recordings as JDK Mission Control does: its parser, what its pages look for, and all of its rules.
 *
 * <p>See {@link Options#USAGE}. Prints the facts of each recording, then one line "FAIL ..." for each expectation that does not hold. A rule that
 * throws is always a failure. Exit status: 0 all holds, 1 something does not, 2 wrong usage.
 */
public final class Check {
    private static final List<Part> PARTS = List.of(Events::check, Pages::check, Samples::check, Rules::check);

    /** One of the questions asked. */
    private interface Part {
        void check(IItemCollection items, Options options, Report report);
    }

    private Check() {}

    public static void main(String[] args) throws Exception {
        Options options;
        try {
            options = Options.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println("interop.Check: " + e.getMessage());
            System.err.println(Options.USAGE);
            System.exit(2);
            return;
        }
        int failures = 0;
        for (String file : options.files) {
            Report report = new Report(file);
            check(file, options, report);
            failures += report.failures();
        }
        // Some rules leave threads behind.
        System.exit(failures == 0 ? 0 : 1);
    }

    private static void check(String file, Options options, Report report) {
        IItemCollection items;
        try {
            items = JfrLoaderToolkit.loadEvents(List.of(new File(file)));
        } catch (Exception e) {
            report.fail("JMC's parser does not load it: " + e);
            return;
        }
        for (Part part : PARTS) {
            try {
                part.check(items, options, report);
            } catch (RuntimeException e) {
                report.fail("JMC throws " + e + " at " + e.getStackTrace()[0]);
            }
        }
    }
}
