package shop;

import java.util.Random;

/** Makes orders as JSON text. The same seed gives the same orders: about one in ten has a fault that a rule finds. */
final class OrderSource {
    private static final String[] FIRST = {"ada", "grace", "edsger", "barbara", "donald", "frances", "alan", "radia"};
    private static final String[] LAST = {"lovelace", "hopper", "dijkstra", "liskov", "knuth", "allen", "turing", "perlman"};
    private static final String[] CITY = {"Oslo", "Lyon", "Z\\u00fcrich", "Kyoto", "Lima", "Pune", "Leeds", "Gda\\u0144sk"};
    private static final String[] CATEGORY = {"BK", "EL", "TO", "GA", "KI"};

    private final Random random;
    private long nextId = 1;

    OrderSource(long seed) {
        random = new Random(seed);
    }

    String next() {
        int customer = (int) Math.abs(random.nextGaussian() * 400);
        StringBuilder json = new StringBuilder(1024);
        json.append("{\"id\": ").append(nextId++);
        appendCustomer(json, customer);
        json.append(", \"express\": ").append(random.nextInt(4) == 0);
        json.append(", \"lines\": [");
        int lines = 3 + random.nextInt(12);
        for (int i = 0; i < lines; i++) {
            appendLine(json, i);
        }
        return json.append("]}").toString();
    }

    private void appendCustomer(StringBuilder json, int customer) {
        String at = random.nextInt(20) == 0 ? "(at)" : "@";
        json.append(", \"customer\": {\"number\": ").append(customer);
        json.append(", \"email\": \"").append(FIRST[customer % FIRST.length]).append('.');
        json.append(LAST[customer / FIRST.length % LAST.length]).append(customer).append(at).append("example.org\"");
        json.append(", \"city\": \"").append(CITY[customer % CITY.length]).append('"');
        json.append(", \"phone\": \"+").append(10 + customer % 80).append(' ').append(100000 + customer * 37).append("\"}");
    }

    private void appendLine(StringBuilder json, int i) {
        int article = random.nextInt(5000);
        boolean faulty = random.nextInt(150) == 0;
        json.append(i == 0 ? "" : ", ").append("{\"sku\": \"").append(CATEGORY[article % CATEGORY.length]);
        json.append(faulty ? "_" : "-").append(10000 + article).append("\", \"quantity\": ");
        json.append(1 + random.nextInt(9)).append(", \"note\": \"gift wrap\\tno \\\"bow\\\", please\"}");
    }
}
