package interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.flightrecorder.rules.IResult;
import org.openjdk.jmc.flightrecorder.rules.IRule;
import org.openjdk.jmc.flightrecorder.rules.RuleRegistry;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.ResultToolkit;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit;

/** All rules of JMC's automated analysis. */
final class Rules {
    private static final int SECONDS = 120;

    private final Map<Severity, Integer> counts = new EnumMap<>(Severity.class);
    private final Map<String, Severity> results = new HashMap<>();
    private final TreeSet<String> lines = new TreeSet<>();
    private int notRun;
    private int thrown;

    private Rules() {}

    static void check(IItemCollection items, Options options, Report report) {
        Rules rules = new Rules();
        Map<IRule, Future<IResult>> runs = RulesToolkit.evaluateParallel(RuleRegistry.getRules(), items,
                IPreferenceValueProvider.DEFAULT_VALUES, 2);
        for (Map.Entry<IRule, Future<IResult>> run : runs.entrySet()) {
            rules.take(items, run.getKey(), run.getValue(), report);
        }
        report.expect(runs.size() >= 50 && rules.thrown == 0, String.format(
                "rules %d: %d OK, %d INFO, %d WARNING, %d NA, %d not run, %d threw", runs.size(),
                rules.count(Severity.OK), rules.count(Severity.INFO), rules.count(Severity.WARNING),
                rules.count(Severity.NA), rules.notRun, rules.thrown));
        int evaluated = runs.size() - rules.notRun - rules.thrown;
        report.expect(evaluated >= options.evaluated, evaluated + " rules evaluated, "
                + (evaluated - rules.count(Severity.NA)) + " of them with a verdict"
                + (options.evaluated > 0 ? "; " + options.evaluated + " must be" : ""));
        rules.list(options);
        options.rules.forEach((id, wanted) -> {
            Severity got = rules.results.get(id);
            boolean fine = wanted.isEmpty() ? got != null && got != Severity.NA : got != null && got.name().equals(wanted);
            report.expect(fine, "expected rule " + id + (wanted.isEmpty() ? "" : " to be " + wanted) + ": "
                    + (got == null ? "not run" : got.name()));
        });
    }

    private int count(Severity severity) {
        return counts.getOrDefault(severity, 0);
    }

    private void take(IItemCollection items, IRule rule, Future<IResult> run, Report report) {
        try {
            IResult result = run.get(SECONDS, TimeUnit.SECONDS);
            boolean runnable = RulesToolkit.matchesEventAvailabilityMap(items, rule.getRequiredEvents());
            boolean hasRun = runnable && result != null && result.getSeverity() != Severity.IGNORE;
            lines.add(String.join("\t", rule.getTopic(), rule.getId(), hasRun ? result.getSeverity().name() : "not run",
                    hasRun ? "" : lacking(items, rule)));
            if (!hasRun) {
                notRun++;
                return;
            }
            results.put(rule.getId(), result.getSeverity());
            counts.merge(result.getSeverity(), 1, Integer::sum);
            if (result.getSeverity() != Severity.OK) {
                report.say("rule %s: %s: %s", rule.getId(), result.getSeverity().name(), summary(result));
            }
        } catch (ExecutionException e) {
            thrown++;
            report.fail("rule " + rule.getId() + " threw " + e.getCause());
        } catch (TimeoutException e) {
            thrown++;
            report.fail("rule " + rule.getId() + " did not end within " + SECONDS + " s");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The events that the rule requires and this recording has not, or has not enabled. */
    private static String lacking(IItemCollection items, IRule rule) {
        return rule.getRequiredEvents().entrySet().stream()
                .filter(e -> !RulesToolkit.matchesEventAvailabilityMap(items, Map.of(e.getKey(), e.getValue())))
                .map(Map.Entry::getKey).map(type -> type.replaceFirst("^jdk\\.", "")).sorted()
                .collect(Collectors.joining(", "));
    }

    private void list(Options options) {
        if (options.ruleList == null) {
            return;
        }
        try {
            Files.write(options.ruleList, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String summary(IResult result) {
        String summary = ResultToolkit.populateMessage(result, result.getSummary(), false);
        return summary == null ? "" : summary.replaceAll("\\s+", " ");
    }
}
