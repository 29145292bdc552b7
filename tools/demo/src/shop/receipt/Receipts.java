package shop.receipt;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.atomic.AtomicLong;
import shop.model.Line;
import shop.model.Order;

/** Writes the receipt of an order and seals it, together with the order's whole text, by SHA-256. */
public final class Receipts {
    private static final char[] HEX = "0123456789abcdef".toCharArray();
    private static final String[] BARS = {"| ||", "||| ", "|  |", " || ", "|| |", "| | ", " |||"};
    private static final int ROUNDS = 12;

    private final AtomicLong written = new AtomicLong();

    /** Gives the sealed text of the receipt. */
    public String write(Order order, long cents) {
        String text = text(order, cents);
        written.addAndGet(text.length());
        return text + "seal " + seal(text);
    }

    /** Hot spot on purpose: += in a loop copies the text so far again and again. A StringBuilder would not. */
    private static String text(Order order, long cents) {
        String text = "Receipt no. " + order.id + " for " + order.customer.email + ", " + order.customer.city + "\n";
        for (Line line : order.lines) {
            text += "  " + line.quantity + " x " + line.sku + "  ";
            for (int i = 0; i < line.sku.length(); i++) {
                text += BARS[line.sku.charAt(i) % BARS.length];
            }
            text += "\n";
            for (String word : line.note.split(" ")) {
                text += "    " + word.trim() + "\n";
            }
        }
        return text + "  total " + cents / 100 + "." + (cents % 100) / 10 + cents % 10 + "\n";
    }

    private static String seal(String text) {
        MessageDigest sha = sha256();
        byte[] digest = text.getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < ROUNDS; round++) {
            digest = sha.digest(digest);
        }
        StringBuilder hex = new StringBuilder(2 * digest.length);
        for (byte b : digest) {
            hex.append(HEX[b >> 4 & 15]).append(HEX[b & 15]);
        }
        return hex.toString();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
