package shop.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** One order as it came in. */
public final class Order {
    public final long id;
    public final Customer customer;
    public final boolean express;
    public final List<Line> lines;

    private Order(long id, Customer customer, boolean express, List<Line> lines) {
        this.id = id;
        this.customer = customer;
        this.express = express;
        this.lines = Collections.unmodifiableList(lines);
    }

    @SuppressWarnings("unchecked")
    public static Order from(Map<String, Object> json) {
        List<Line> lines = new ArrayList<>();
        for (Object line : (List<Object>) json.get("lines")) {
            lines.add(Line.from((Map<String, Object>) line));
        }
        Customer customer = Customer.from((Map<String, Object>) json.get("customer"));
        return new Order((Long) json.get("id"), customer, (Boolean) json.get("express"), lines);
    }
}
