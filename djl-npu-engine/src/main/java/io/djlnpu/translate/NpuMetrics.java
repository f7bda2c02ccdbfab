package io.djlnpu.translate;

import ai.djl.metric.Metrics;
import ai.djl.metric.Unit;
import com.google.gson.JsonObject;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.timing.RunReport;
import java.util.List;

/**
 * Tells a predictor's metrics what whole answers would have cost on the NPU: {@value #TIME} and
 * {@value #ENERGY} of each. Nothing is priced where nobody listens.
 */
final class NpuMetrics {

    static final String TIME = "NpuMicroseconds";
    static final String ENERGY = "NpuMillijoules";

    private final Metrics metrics;

    /**
     * @param metrics where to; null for nowhere
     */
    NpuMetrics(Metrics metrics) {
        this.metrics = metrics;
    }

    /** Prices finished answers to one request, together. */
    static JsonObject json(List<Answer> answers) {
        List<RunReport> costs = answers.stream().map(answer -> answer.stream().npuCost()).toList();
        JsonObject json = new JsonObject();
        json.addProperty("device", costs.getFirst().device());
        json.addProperty("seconds", costs.stream().mapToDouble(RunReport::seconds).sum());
        json.addProperty("joules", costs.stream().mapToDouble(RunReport::joules).sum());
        json.addProperty("ddr_bytes", costs.stream().mapToLong(RunReport::ddrBytes).sum());
        return json;
    }

    /** Prices a finished answer. */
    void add(TokenStream answer) {
        if (metrics == null) {
            return;
        }
        RunReport cost = answer.npuCost();
        metrics.addMetric(TIME, cost.seconds() * 1e6, Unit.MICROSECONDS);
        metrics.addMetric(ENERGY, cost.joules() * 1e3, Unit.NONE);
    }
}
