package interop;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.openjdk.jmc.common.IMCFrame;
import org.openjdk.jmc.common.IMCMethod;
import org.openjdk.jmc.common.IMCStackTrace;
import org.openjdk.jmc.common.IMCThread;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.IMemberAccessor;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.flightrecorder.JfrAttributes;

/** The execution samples: top frames, shares of methods, threads, depths. */
final class Samples {
    private final Map<String, Integer> top = new HashMap<>();
    private final Map<String, Integer> innermost = new HashMap<>();
    private final TreeSet<String> threads = new TreeSet<>();
    private final TreeSet<String> unreadable = new TreeSet<>();
    private final Options options;
    private int samples;
    private int depth;

    private Samples(Options options) {
        this.options = options;
    }

    static void check(IItemCollection items, Options options, Report report) {
        Samples samples = new Samples(options);
        samples.nativeSamples(items);
        for (IItemIterable lane : items.apply(ItemFilters.type("jdk.ExecutionSample"))) {
            IMemberAccessor<IMCStackTrace, IItem> stack = JfrAttributes.EVENT_STACKTRACE.getAccessor(lane.getType());
            IMemberAccessor<IMCThread, IItem> thread = JfrAttributes.EVENT_THREAD.getAccessor(lane.getType());
            for (IItem event : lane) {
                samples.add(stack == null ? null : stack.getMember(event),
                        thread == null ? null : thread.getMember(event));
            }
        }
        samples.report(report);
    }

    /** Of these only whether the names can be shown. */
    private void nativeSamples(IItemCollection items) {
        for (IItemIterable lane : items.apply(ItemFilters.type("jdk.NativeMethodSample"))) {
            IMemberAccessor<IMCStackTrace, IItem> stack = JfrAttributes.EVENT_STACKTRACE.getAccessor(lane.getType());
            for (IItem event : lane) {
                IMCStackTrace trace = stack == null ? null : stack.getMember(event);
                if (trace != null) {
                    trace.getFrames().forEach(this::name);
                }
            }
        }
    }

    private void add(IMCStackTrace stack, IMCThread thread) {
        samples++;
        if (thread != null && thread.getThreadName() != null) {
            threads.add(thread.getThreadName());
        }
        if (stack == null || stack.getFrames().isEmpty()) {
            return;
        }
        List<? extends IMCFrame> frames = stack.getFrames();
        depth = Math.max(depth, frames.size());
        top.merge(name(frames.get(0)), 1, Integer::sum);
        List<String> names = frames.stream().map(this::name).toList();
        names.stream().filter(options.shares::containsKey).findFirst()
                .ifPresent(name -> innermost.merge(name, 1, Integer::sum));
    }

    /** The method's name with its class. JMC takes some class names (those that begin with a bracket) for array types and throws. */
    private String name(IMCFrame frame) {
        IMCMethod method = frame.getMethod();
        if (method == null) {
            return "?";
        }
        try {
            return method.getType() == null ? method.getMethodName()
                    : method.getType().getFullName() + "." + method.getMethodName();
        } catch (IllegalArgumentException e) {
            unreadable.add(method.getMethodName() + ": " + e.getMessage());
            return "?";
        }
    }

    private void report(Report report) {
        report.say("samples %d, deepest stack %d, threads %s", samples, depth, threads);
        for (String method : unreadable) {
            report.fail("JMC can't show the class of the method " + method);
        }
        top.entrySet().stream().sorted(Map.Entry.comparingByValue(Comparator.reverseOrder())).limit(5)
                .forEach(e -> report.say("top %5.1f %% %s", 100.0 * e.getValue() / samples, e.getKey()));
        for (String method : options.topFrames) {
            int most = top.values().stream().mapToInt(Integer::intValue).max().orElse(0);
            report.expect(most > 0 && top.getOrDefault(method, 0) == most,
                    "expected as the most frequent top frame: " + method);
        }
        for (String thread : options.threads) {
            report.expect(threads.contains(thread), "expected a sample of the thread " + thread);
        }
        if (options.depth > 0) {
            report.expect(depth >= options.depth, "expected a stack of " + options.depth + " frames: " + depth);
        }
        reportShares(report);
    }

    private void reportShares(Report report) {
        int all = innermost.values().stream().mapToInt(Integer::intValue).sum();
        options.shares.forEach((method, share) -> {
            double percent = 100.0 * innermost.getOrDefault(method, 0) / Math.max(all, 1);
            report.expect(Math.abs(percent - share.percent()) <= share.tolerance(), String.format(
                    "share of %s: %.1f %% of %d samples, expected %.1f, %.1f more or less",
                    method, percent, all, share.percent(), share.tolerance()));
        });
    }
}
