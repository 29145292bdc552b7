package shop;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import shop.json.Json;
import shop.model.Order;
import shop.pricing.Pricing;
import shop.receipt.Receipts;
import shop.report.Ranking;
import shop.rules.RuleBook;
import shop.stock.Warehouse;

/**
 * The life of an order: JSON text → {@link Order} → rules → price → stock → receipt → ranking.
 *
 * <p>One thread takes orders in ("order-intake"), a pool works on them ("order-worker-N"), one writes the ranking now and
 * then ("ranking"). They meet in a bounded queue.
 */
final class OrderService {
    private final BlockingQueue<String> inbox = new ArrayBlockingQueue<>(64);
    private final OrderSource source;
    private final RuleBook rules = new RuleBook();
    private final Warehouse warehouse = new Warehouse();
    private final Pricing pricing = new Pricing(warehouse);
    private final Receipts receipts = new Receipts();
    private final Ranking ranking = new Ranking();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final ExecutorService workers;
    private final Thread intake = new Thread(this::takeIn, "order-intake");
    private final Thread reporter = new Thread(this::report, "ranking");
    private final int workerCount;
    private volatile boolean open = true;

    OrderService(int workerCount, OrderSource source) {
        this.workerCount = workerCount;
        this.source = source;
        this.workers = Executors.newFixedThreadPool(workerCount, named("order-worker-"));
    }

    void start() {
        intake.start();
        reporter.start();
        for (int i = 0; i < workerCount; i++) {
            workers.execute(this::work);
        }
    }

    void stop() throws InterruptedException {
        open = false;
        reporter.interrupt();
        intake.join();
        reporter.join();
        workers.shutdown();
        if (!workers.awaitTermination(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("order workers do not end");
        }
    }

    long accepted() {
        return accepted.sum();
    }

    long rejected() {
        return rejected.sum();
    }

    long processed() {
        return accepted() + rejected();
    }

    List<String> bestCustomers() {
        return ranking.best(3);
    }

    private void takeIn() {
        try {
            while (open) {
                String json = source.next();
                while (open && !inbox.offer(json, 50, TimeUnit.MILLISECONDS)) {
                    // The workers are behind: wait for them, but not past the end.
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try {
            while (open || !inbox.isEmpty()) {
                String json = inbox.poll(50, TimeUnit.MILLISECONDS);
                if (json != null) {
                    process(json);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void process(String json) {
        Order order = Order.from(Json.parse(json));
        List<String> faults = rules.check(order);
        if (!faults.isEmpty()) {
            rejected.increment();
            return;
        }
        long cents = pricing.price(order);
        warehouse.reserve(order);
        receipts.write(order, cents);
        ranking.add(order.customer, cents);
        accepted.increment();
    }

    private void report() {
        try {
            while (open) {
                TimeUnit.MILLISECONDS.sleep(200);
                ranking.refresh();
            }
        } catch (InterruptedException e) {
            // stop() wakes this thread: the end of the loop is all that is left to do.
        }
    }

    private static ThreadFactory named(String prefix) {
        AtomicInteger number = new AtomicInteger();
        return task -> new Thread(task, prefix + number.incrementAndGet());
    }
}
