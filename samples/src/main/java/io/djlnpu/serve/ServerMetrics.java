package io.djlnpu.serve;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** What the server counts, as Prometheus reads it. */
final class ServerMetrics implements AutoCloseable {

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Counter promptTokens =
            Counter.builder("npu.prompt.tokens")
                    .description("tokens of answered prompts")
                    .register(registry);
    private final Counter completionTokens =
            Counter.builder("npu.completion.tokens")
                    .description("tokens of finished answers")
                    .register(registry);
    private final Timer firstPiece =
            Timer.builder("npu.time.to.first.token")
                    .description("from a request's arrival to the first token of its stream")
                    .publishPercentileHistogram()
                    .register(registry);
    private final Timer nextPiece =
            Timer.builder("npu.time.between.tokens")
                    .description("between two tokens of a stream")
                    .publishPercentileHistogram()
                    .register(registry);

    ServerMetrics(Admission admission) {
        Gauge.builder("npu.requests.running", admission, Admission::running)
                .description("requests that are computed")
                .register(registry);
        Gauge.builder("npu.requests.waiting", admission, Admission::waiting)
                .description("requests that wait for others to end")
                .register(registry);
    }

    /** Counts a request that was answered, by a path of ours. */
    void answered(String path, int status) {
        Counter.builder("npu.requests")
                .description("requests that were answered")
                .tag("path", path)
                .tag("status", String.valueOf(status))
                .register(registry)
                .increment();
    }

    void count(Usage usage) {
        promptTokens.increment(usage.prompt());
        completionTokens.increment(usage.completion());
    }

    Timer firstPiece() {
        return firstPiece;
    }

    Timer nextPiece() {
        return nextPiece;
    }

    String text() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
