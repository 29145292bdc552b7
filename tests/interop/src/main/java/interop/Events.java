package interop;

import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemIterable;

/** How many events of which type. */
final class Events {
    private Events() {}

    static void check(IItemCollection items, Options options, Report report) {
        Map<String, Long> counts = new TreeMap<>();
        for (IItemIterable lane : items) {
            counts.merge(lane.getType().getIdentifier(), lane.getItemCount(), Long::sum);
        }
        counts.forEach((type, count) -> report.say("events %s %d", type, count));
        options.events.forEach((type, least) -> {
            long count = counts.getOrDefault(type, 0L);
            report.expect(count >= least, "expected " + type + ", at least " + least + ": " + count);
        });
    }
}
