package shop.stock;

/** One article of the catalogue. */
public final class Article {
    public final String sku;
    public final String title;
    public final long cents;

    Article(String sku, String title, long cents) {
        this.sku = sku;
        this.title = title;
        this.cents = cents;
    }
}
