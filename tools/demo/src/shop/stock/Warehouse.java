package shop.stock;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;
import shop.model.Line;
import shop.model.Order;

/** The catalogue and the stock. What is not in the cache comes from a data base, which takes its time (here: a short wait). */
public final class Warehouse {
    private static final long LOOKUP_NANOS = 150_000;
    private static final int SHELVES = 256;

    private final ArticleCache cache = new ArticleCache(4900);
    private final int[] reserved = new int[SHELVES];

    public Article article(String sku) {
        Article article = cache.get(sku);
        if (article == null) {
            article = lookUp(sku);
            cache.put(article);
        }
        return article;
    }

    /** Books the goods. The shelves have one lock, so that an order gets all of its goods at once. */
    public void reserve(Order order) {
        synchronized (reserved) {
            for (Line line : order.lines) {
                reserved[shelf(line.sku)] += line.quantity;
            }
        }
    }

    private static Article lookUp(String sku) {
        waitForDatabase();
        long cents = 99 + 10L * shelf(sku);
        return new Article(sku, "Article " + sku, cents);
    }

    private static void waitForDatabase() {
        LockSupport.parkNanos(LOOKUP_NANOS + ThreadLocalRandom.current().nextInt(50_000));
    }

    private static int shelf(String sku) {
        CRC32 crc = new CRC32();
        for (int i = 0; i < sku.length(); i++) {
            crc.update(sku.charAt(i));
        }
        return (int) (crc.getValue() % SHELVES);
    }
}
