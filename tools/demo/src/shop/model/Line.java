package shop.model;

import java.util.Map;

/** One line of an order: so many of one article. */
public final class Line {
    public final String sku;
    public final int quantity;
    public final String note;

    private Line(String sku, int quantity, String note) {
        this.sku = sku;
        this.quantity = quantity;
        this.note = note;
    }

    static Line from(Map<String, Object> json) {
        return new Line((String) json.get("sku"), ((Long) json.get("quantity")).intValue(), (String) json.get("note"));
    }
}
