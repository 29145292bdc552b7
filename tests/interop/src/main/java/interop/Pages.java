package interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmc.common.item.IAccessorKey;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.IMemberAccessor;
import org.openjdk.jmc.common.item.ItemFilters;

/**
 * What JMC's pages look for: events with attributes of a certain content type, with a value. The table has one line for each,
 * "page | event type | attribute[:content type] ...".
 */
final class Pages {
    private final IItemCollection items;
    private final Report report;

    private Pages(IItemCollection items, Report report) {
        this.items = items;
        this.report = report;
    }

    static void check(IItemCollection items, Options options, Report report) {
        if (options.pageTable == null) {
            return;
        }
        Pages pages = new Pages(items, report);
        List<String> unseen = new ArrayList<>(options.pages);
        for (String line : read(options)) {
            String[] columns = line.split("\\|");
            String page = columns[0].trim();
            unseen.remove(page);
            if (options.pages.isEmpty() || options.pages.contains(page)) {
                pages.checkEvent(page, columns[1].trim(), columns[2].trim().split("\\s+"));
            }
        }
        for (String page : unseen) {
            report.fail("page " + page + " is not in " + options.pageTable);
        }
    }

    private static List<String> read(Options options) {
        try (var lines = Files.lines(options.pageTable)) {
            return lines.filter(line -> line.contains("|") && !line.startsWith("#")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void checkEvent(String page, String type, String[] attributes) {
        int before = report.failures();
        IItemIterable events = null;
        for (IItemIterable lane : items.apply(ItemFilters.type(type))) {
            if (lane.getItemCount() > 0) {
                events = lane;
            }
        }
        if (events == null) {
            report.fail("page " + page + ": no " + type);
            return;
        }
        for (String attribute : attributes) {
            String fault = fault(events, attribute);
            if (fault != null) {
                report.fail("page " + page + ": " + type + "." + attribute + " " + fault);
            }
        }
        if (report.failures() == before) {
            report.say("page %s: %s with %s", page, type, String.join(" ", attributes));
        }
    }

    /** What is wrong with an attribute, null when nothing is. */
    private static String fault(IItemIterable events, String attribute) {
        String[] wanted = attribute.split(":");
        IAccessorKey<?> key = null;
        for (IAccessorKey<?> candidate : events.getType().getAccessorKeys().keySet()) {
            if (candidate.getIdentifier().equals(wanted[0])) {
                key = candidate;
            }
        }
        if (key == null) {
            return "is not there";
        }
        String content = key.getContentType().getIdentifier();
        if (wanted.length == 2 && !content.equals(wanted[1])) {
            return "is of content type " + content;
        }
        return hasValue(events, key) ? null : "has no value in any event";
    }

    private static <T> boolean hasValue(IItemIterable events, IAccessorKey<T> key) {
        IMemberAccessor<T, IItem> accessor = events.getType().getAccessor(key);
        return events.stream().anyMatch(event -> accessor.getMember(event) != null);
    }
}
