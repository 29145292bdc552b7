package shop.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import shop.model.Line;
import shop.model.Order;

/** All rules that an order must pass. */
public final class RuleBook {
    private static final Pattern PHONE = Pattern.compile("\\+[0-9]{2} [0-9]{6,}");
    private static final int MAX_LINES = 50;

    private final List<Rule> rules =
            Arrays.asList(RuleBook::size, RuleBook::email, RuleBook::phone, RuleBook::articles, RuleBook::quantities);

    /** The faults found, empty when the order is fine. */
    public List<String> check(Order order) {
        List<String> faults = new ArrayList<>();
        for (Rule rule : rules) {
            String fault = rule.check(order);
            if (fault != null) {
                faults.add(fault);
            }
        }
        return faults;
    }

    private static String size(Order order) {
        return order.lines.isEmpty() || order.lines.size() > MAX_LINES ? "bad number of lines" : null;
    }

    private static String email(Order order) {
        boolean fine = order.customer.email.matches("[a-z0-9]+(\\.[a-z0-9]+)*@[a-z0-9]+(\\.[a-z0-9]+)*\\.[a-z]{2,}");
        return fine ? null : "bad e-mail address";
    }

    private static String phone(Order order) {
        return PHONE.matcher(order.customer.phone).matches() ? null : "bad phone number";
    }

    /** Hot spot on purpose: the pattern is compiled again for each line of each order. {@link #phone} shows the cure. */
    private static String articles(Order order) {
        for (Line line : order.lines) {
            if (!Pattern.compile("(BK|EL|TO|GA|KI)-([0-9]{5})", Pattern.CASE_INSENSITIVE).matcher(line.sku).matches()) {
                return "bad article number " + line.sku;
            }
        }
        return null;
    }

    private static String quantities(Order order) {
        for (Line line : order.lines) {
            if (line.quantity < 1 || line.quantity > 99) {
                return "bad quantity of " + line.sku;
            }
        }
        return null;
    }
}
