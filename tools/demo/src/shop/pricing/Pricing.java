package shop.pricing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import shop.model.Line;
import shop.model.Order;
import shop.stock.Article;
import shop.stock.Warehouse;

/** What an order costs: list prices, a discount by quantity, shipping. All amounts in cents. */
public final class Pricing {
    private static final long SHIPPING = 490;
    private static final long EXPRESS = 1290;
    private static final long FREE_FROM = 10_000;

    private final Warehouse warehouse;
    private final List<Discount> discounts = new ArrayList<>();

    public Pricing(Warehouse warehouse) {
        this.warehouse = warehouse;
        for (int quantity = 1; quantity <= 60; quantity++) {
            discounts.add(new Discount((quantity * 37) % 61, ((quantity * 37) % 61) / 4));
        }
    }

    public long price(Order order) {
        long sum = 0;
        for (Line line : order.lines) {
            Article article = warehouse.article(line.sku);
            long full = article.cents * line.quantity;
            sum += full - full * percentOff(line.quantity) / 100;
        }
        return sum + shipping(order, sum);
    }

    /** Hot spot on purpose: the table never changes, and yet it is copied and sorted for each line. */
    private int percentOff(int quantity) {
        List<Discount> sorted = new ArrayList<>(discounts);
        Collections.sort(sorted, Comparator.comparingInt((Discount d) -> d.from).reversed());
        for (Discount discount : sorted) {
            if (quantity >= discount.from) {
                return discount.percent;
            }
        }
        return 0;
    }

    private static long shipping(Order order, long sum) {
        if (order.express) {
            return EXPRESS;
        }
        return sum >= FREE_FROM ? 0 : SHIPPING;
    }

    /** So many percent off from this quantity on. */
    private static final class Discount {
        final int from;
        final int percent;

        Discount(int from, int percent) {
            this.from = from;
            this.percent = percent;
        }
    }
}
