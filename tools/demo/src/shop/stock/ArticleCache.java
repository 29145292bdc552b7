package shop.stock;

import java.util.LinkedHashMap;
import java.util.Map;

/** The articles used last, behind one lock that all workers share. */
final class ArticleCache {
    private final Map<String, Article> articles;

    ArticleCache(final int capacity) {
        articles = new LinkedHashMap<String, Article>(capacity * 2, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Article> eldest) {
                return size() > capacity;
            }
        };
    }

    synchronized Article get(String sku) {
        return articles.get(sku);
    }

    synchronized void put(Article article) {
        articles.put(article.sku, article);
    }
}
