package shop.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import shop.model.Customer;

/** Who has bought how much. Adding is cheap; the order is made by {@link #refresh}, on a thread of its own. */
public final class Ranking {
    private final Map<String, Long> centsByEmail = new HashMap<>();
    private volatile List<Map.Entry<String, Long>> ranking = Collections.emptyList();

    public void add(Customer customer, long cents) {
        synchronized (centsByEmail) {
            centsByEmail.merge(customer.email, cents, Long::sum);
        }
    }

    public void refresh() {
        List<Map.Entry<String, Long>> entries;
        synchronized (centsByEmail) {
            entries = new ArrayList<>(new HashMap<>(centsByEmail).entrySet());
        }
        Collections.sort(entries, (a, b) -> {
            int byAmount = Long.compare(b.getValue(), a.getValue());
            return byAmount != 0 ? byAmount : a.getKey().compareTo(b.getKey());
        });
        ranking = entries;
    }

    /** The e-mail addresses of the best customers, as of the last refresh or now when there was none. */
    public List<String> best(int count) {
        if (ranking.isEmpty()) {
            refresh();
        }
        List<String> best = new ArrayList<>();
        for (Map.Entry<String, Long> entry : ranking.subList(0, Math.min(count, ranking.size()))) {
            best.add(entry.getKey());
        }
        return best;
    }
}
