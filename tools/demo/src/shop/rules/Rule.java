package shop.rules;

import shop.model.Order;

/** Says what is wrong with an order, or null when nothing is. */
interface Rule {
    String check(Order order);
}
