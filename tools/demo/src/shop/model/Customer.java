package shop.model;

import java.util.Map;

/** Who has ordered; two orders are of the same customer when the number is the same. */
public final class Customer {
    public final long number;
    public final String email;
    public final String city;
    public final String phone;

    private Customer(long number, String email, String city, String phone) {
        this.number = number;
        this.email = email;
        this.city = city;
        this.phone = phone;
    }

    static Customer from(Map<String, Object> json) {
        return new Customer((Long) json.get("number"), (String) json.get("email"), (String) json.get("city"),
                (String) json.get("phone"));
    }
}
