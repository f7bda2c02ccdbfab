package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.inference.Predictor;
import ai.djl.metric.Metrics;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonObject;
import io.djlnpu.engine.NpuModel;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.simulate.RequestShape;
import io.djlnpu.simulate.Simulation;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.RunReport;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An app reads what its request would have cost on the NPU. */
class NpuCostIT {

    private static final String PROMPT = "Once upon a time there was a fox";

    @TempDir static Path cache;

    @BeforeEach
    void useCache() {
        System.setProperty("DJL_CACHE_DIR", cache.toString());
    }

    @AfterEach
    void leaveCache() {
        System.clearProperty("DJL_CACHE_DIR");
    }

    @Test
    void aStreamKnowsItsPriceAndWhatTheCacheSaved() throws Exception {
        try (ZooModel<String, TokenStream> model =
                        ServingModel.criteria(String.class, TokenStream.class).loadModel();
                Predictor<String, TokenStream> predictor = model.newPredictor()) {
            RunReport first = cost(predictor, PROMPT);
            RunReport again = cost(predictor, PROMPT + " and a bear");
            assertThat(first.seconds()).isPositive();
            assertThat(first.joules()).isPositive();
            RunReport whole =
                    new Simulation(NpuModel.runtime(model).bundle().config(), NpuDevice.KRACKAN)
                            .price(
                                    RequestShape.of(
                                            again.prompt(), again.context() - again.prompt()));
            assertThat(again.seconds()).isLessThan(whole.seconds());
        }
    }

    private static RunReport cost(Predictor<String, TokenStream> predictor, String prompt)
            throws Exception {
        try (TokenStream answer = predictor.predict(prompt)) {
            answer.complete();
            RunReport cost = answer.npuCost();
            assertThat(cost.prompt()).isEqualTo(answer.promptTokens());
            assertThat(cost.context()).isEqualTo(answer.promptTokens() + answer.generatedTokens());
            return cost;
        }
    }

    @Test
    void aPredictorsMetricsHearOfIt() throws Exception {
        try (ZooModel<String, String> model =
                        ServingModel.criteria(String.class, String.class).loadModel();
                Predictor<String, String> predictor = model.newPredictor()) {
            Metrics metrics = new Metrics();
            predictor.setMetrics(metrics);
            predictor.predict(PROMPT);
            predictor.predict("The bear");
            assertThat(metrics.getMetric("NpuMicroseconds")).hasSize(2);
            assertThat(metrics.getMetric("NpuMillijoules")).hasSize(2);
            assertThat(metrics.latestMetric("NpuMicroseconds").getValue().doubleValue())
                    .isPositive();
        }
    }

    @Test
    void jsonSaysItWhereItIsAsked() throws Exception {
        try (ServingModel model = new ServingModel(cache)) {
            assertThat(model.story("'max_new_tokens': 9").has("npu")).isFalse();
            // the prompt is in the cache by now, so the answer's length alone makes the difference
            JsonObject once = model.story("'max_new_tokens': 9, 'npu_cost': true");
            assertThat(once.getAsJsonObject("npu").get("device").getAsString()).isNotBlank();
            double nine = once.getAsJsonObject("npu").get("seconds").getAsDouble();
            double eighteen =
                    model.story("'max_new_tokens': 18, 'ignore_eos': true, 'npu_cost': true")
                            .getAsJsonObject("npu")
                            .get("seconds")
                            .getAsDouble();
            assertThat(eighteen).isGreaterThan(nine);
        }
    }
}
