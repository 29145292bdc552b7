package interop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command line. */
final class Options {
    static final String USAGE = String.join("\n",
            "usage: interop.Check [expectation...] FILE...",
            "  --expect-events TYPE[:N]     at least N (1) events of this type",
            "  --pages FILE [--page NAME]   the events and attributes that the table FILE names, of all pages or of these",
            "  --expect-rule ID[=SEVERITY]  this rule gave a result, not \"not run\" nor NA; or exactly OK, INFO, WARNING, NA",
            "  --expect-evaluated N         at least N rules were evaluated: no event that they require is missing",
            "  --list-rules FILE            write a line for each rule, \"topic TAB id TAB result TAB required events that lack\"",
            "  --expect-top-frame METHOD    pkg.Class.method is the most frequent top frame of jdk.ExecutionSample",
            "  --share METHOD=P~D           METHOD has P percent, D points more or less, of the samples in the methods named so",
            "  --expect-thread NAME         some sample is of a thread of this name",
            "  --expect-depth N             some sample has a stack of at least N frames");

    private static final Pattern SHARE = Pattern.compile("([^=]+)=([0-9.]+)[~±]([0-9.]+)");

    /** A method's share of the samples, in percent. */
    record Share(double percent, double tolerance) {}

    final List<String> files = new ArrayList<>();
    final Map<String, Integer> events = new LinkedHashMap<>();
    final List<String> pages = new ArrayList<>();
    final Map<String, String> rules = new LinkedHashMap<>();
    final List<String> topFrames = new ArrayList<>();
    final Map<String, Share> shares = new LinkedHashMap<>();
    final List<String> threads = new ArrayList<>();
    Path pageTable;
    Path ruleList;
    int evaluated;
    int depth;

    private Options() {}

    static Options parse(String[] args) {
        Options options = new Options();
        for (int i = 0; i < args.length; i++) {
            if (!args[i].startsWith("--")) {
                options.files.add(args[i]);
            } else if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            } else {
                options.take(args[i], args[++i]);
            }
        }
        if (options.files.isEmpty()) {
            throw new IllegalArgumentException("no recording");
        }
        return options;
    }

    private void take(String name, String value) {
        String[] parts = value.split("[:=]", 2);
        switch (name) {
            case "--expect-events" -> events.put(parts[0], parts.length == 2 ? Integer.parseInt(parts[1]) : 1);
            case "--pages" -> pageTable = Path.of(value);
            case "--page" -> pages.add(value);
            case "--expect-rule" -> rules.put(parts[0], parts.length == 2 ? parts[1] : "");
            case "--expect-evaluated" -> evaluated = Integer.parseInt(value);
            case "--list-rules" -> ruleList = Path.of(value);
            case "--expect-top-frame" -> topFrames.add(value);
            case "--share" -> takeShare(value);
            case "--expect-thread" -> threads.add(value);
            case "--expect-depth" -> depth = Integer.parseInt(value);
            default -> throw new IllegalArgumentException("unknown option " + name);
        }
    }

    private void takeShare(String value) {
        Matcher share = SHARE.matcher(value);
        if (!share.matches()) {
            throw new IllegalArgumentException("--share " + value + ": not METHOD=P~D");
        }
        shares.put(share.group(1), new Share(Double.parseDouble(share.group(2)), Double.parseDouble(share.group(3))));
    }
}
