package interop;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
            if (!runnable || result == null || result.getSeverity() == Severity.IGNORE) {
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

    private static String summary(IResult result) {
        String summary = ResultToolkit.populateMessage(result, result.getSummary(), false);
        return summary == null ? "" : summary.replaceAll("\\s+", " ");
    }
}
