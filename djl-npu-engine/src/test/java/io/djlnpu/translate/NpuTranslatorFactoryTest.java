package io.djlnpu.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.inference.streaming.ChunkedBytesSupplier;
import ai.djl.inference.streaming.IteratorBytesSupplier;
import ai.djl.inference.streaming.PublisherBytesSupplier;
import ai.djl.inference.streaming.StreamingTranslator;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.testing.Fixtures;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpuTranslatorFactoryTest {

    private static final String PROMPT = "Once upon a time";

    @TempDir static Path cache;
    private static Path model;
    private static String expected;

    @BeforeAll
    static void setUp() throws Exception {
        model = Fixtures.fixture("storyteller/onnx/genai-int4");
        System.setProperty("DJL_CACHE_DIR", cache.toString());
        try (ZooModel<String, String> text = criteria(String.class, String.class).loadModel();
                Predictor<String, String> predictor = text.newPredictor()) {
            expected = predictor.predict(PROMPT);
        }
        assertThat(expected).isNotBlank();
    }

    @AfterAll
    static void tearDown() {
        System.clearProperty("DJL_CACHE_DIR");
    }

    private static <I, O> Criteria<I, O> criteria(Class<I> input, Class<O> output) {
        return Criteria.builder()
                .setTypes(input, output)
                .optModelPath(model)
                .optEngine("NPU")
                .optTranslatorFactory(new NpuTranslatorFactory())
                .optArgument("maxNewTokens", 24)
                .optOption("threads", "2")
                .build();
    }

    @Test
    void streamsTheSameTextThatPredictingGives() throws Exception {
        try (ZooModel<String, TokenStream> text =
                        criteria(String.class, TokenStream.class).loadModel();
                Predictor<String, TokenStream> predictor = text.newPredictor()) {
            assertThat(predictor.supportsStreaming()).isTrue();
            List<String> pieces = new ArrayList<>();
            TokenStream answer = predictor.streamingPredict(PROMPT).getIterativeOutput();
            answer.forEachRemaining(pieces::add);
            assertThat(String.join("", pieces)).isEqualTo(expected);
            assertThat(pieces).hasSizeGreaterThan(5);
            assertThat(predictor.predict(PROMPT).complete()).isEqualTo(expected);
        }
    }

    @Test
    void aBatchIsAnsweredRequestByRequest() throws Exception {
        try (ZooModel<String, String> text = criteria(String.class, String.class).loadModel();
                Predictor<String, String> predictor = text.newPredictor()) {
            List<String> answers = predictor.batchPredict(List.of(PROMPT, "The fox", PROMPT));
            assertThat(answers).containsExactly(expected, predictor.predict("The fox"), expected);
        }
    }

    @Test
    @SuppressWarnings("rawtypes")
    void anyIteratorWillDo() throws Exception {
        try (ZooModel<String, Iterator> text = criteria(String.class, Iterator.class).loadModel();
                Predictor<String, Iterator> predictor = text.newPredictor()) {
            StringBuilder pieces = new StringBuilder();
            Iterator<?> answer = predictor.predict(PROMPT);
            answer.forEachRemaining(pieces::append);
            assertThat(pieces.toString()).isEqualTo(expected);
        }
    }

    @Test
    void speaksTheJsonOfServing() throws Exception {
        try (ZooModel<Input, Output> serving = criteria(Input.class, Output.class).loadModel();
                Predictor<Input, Output> predictor = serving.newPredictor()) {
            JsonObject request = new JsonObject();
            request.addProperty("inputs", PROMPT);
            JsonObject parameters = new JsonObject();
            parameters.addProperty("max_new_tokens", 24);
            parameters.addProperty("details", true);
            request.add("parameters", parameters);
            JsonObject answer = json(predictor.predict(input(request)).getData().getAsString());
            assertThat(answer.get("generated_text").getAsString()).isEqualTo(expected);
            assertThat(answer.getAsJsonObject("details").get("generated_tokens").getAsInt())
                    .isPositive();

            request.addProperty("stream", true);
            Output streamed = predictor.predict(input(request));
            assertThat(streamed.getData()).isInstanceOf(ChunkedBytesSupplier.class);
            assertLines(streamed.getData().getAsString());
            Output pulled = predictor.streamingPredict(input(request)).getIterativeOutput();
            assertThat(pulled.getData()).isInstanceOf(IteratorBytesSupplier.class);
            assertLines(pulled.getData().getAsString());
            assertLines(subscribed(predictor.streamingPredict(input(request))));

            parameters.addProperty("temperature", -1);
            assertThat(predictor.streamingPredict(input(request)).getAsyncOutput().getCode())
                    .isEqualTo(400);
        }
    }

    /** What a subscriber hears while another thread computes. */
    private static String subscribed(StreamingTranslator.StreamOutput<Output> pushed)
            throws Exception {
        PublisherBytesSupplier source = (PublisherBytesSupplier) pushed.getAsyncOutput().getData();
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        var end =
                source.subscribe(
                        piece -> {
                            if (piece != null) {
                                heard.writeBytes(piece);
                            }
                        });
        Thread computing = Thread.ofPlatform().start(pushed::computeAsyncOutput);
        end.get(60, TimeUnit.SECONDS);
        computing.join();
        return heard.toString(StandardCharsets.UTF_8);
    }

    private static void assertLines(String body) {
        List<JsonObject> lines = body.lines().map(NpuTranslatorFactoryTest::json).toList();
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(token(line).get("text").getAsString()));
        assertThat(text.toString()).isEqualTo(expected);
        assertThat(token(lines.get(0)).get("log_prob").getAsDouble()).isNegative();
        assertThat(lines.getLast().get("generated_text").getAsString()).isEqualTo(expected);
        assertThat(lines.getLast().has("details")).isTrue();
    }

    @Test
    void speaksOpenAisMessages() throws Exception {
        try (ZooModel<Input, Output> serving = criteria(Input.class, Output.class).loadModel();
                Predictor<Input, Output> predictor = serving.newPredictor()) {
            JsonObject request =
                    json(
                            "{\"messages\":[{\"role\":\"user\",\"content\":\"Tell me a story.\"}],"
                                    + "\"max_tokens\":12}");
            JsonObject answer = json(predictor.predict(input(request)).getData().getAsString());
            String content =
                    answer.getAsJsonArray("choices")
                            .get(0)
                            .getAsJsonObject()
                            .getAsJsonObject("message")
                            .get("content")
                            .getAsString();
            assertThat(content).isNotBlank();
            assertThat(answer.getAsJsonObject("usage").get("completion_tokens").getAsInt())
                    .isBetween(1, 12);
            request.addProperty("stream", true);
            List<String> events =
                    predictor.predict(input(request)).getData().getAsString().lines().toList();
            assertThat(events)
                    .last(org.assertj.core.api.InstanceOfAssertFactories.STRING)
                    .isEmpty();
            StringBuilder text = new StringBuilder();
            for (String event : events) {
                if (event.startsWith("data: {")) {
                    text.append(
                            json(event.substring(6))
                                    .getAsJsonArray("choices")
                                    .get(0)
                                    .getAsJsonObject()
                                    .getAsJsonObject("delta")
                                    .get("content")
                                    .getAsString());
                }
            }
            assertThat(text.toString()).isEqualTo(content);
            assertThat(events).contains("data: [DONE]");
        }
    }

    @Test
    void refusesWhatItDoesNotUnderstand() throws Exception {
        try (ZooModel<Input, Output> serving = criteria(Input.class, Output.class).loadModel();
                Predictor<Input, Output> predictor = serving.newPredictor()) {
            for (String body :
                    List.of(
                            "{",
                            "{\"text\":1}",
                            "{\"messages\":3}",
                            "{\"inputs\":\"a\",\"parameters\":{\"top_p\":7}}")) {
                Input input = new Input();
                input.add(body);
                Output output = predictor.predict(input);
                assertThat(output.getCode()).as(body).isEqualTo(400);
                assertThat(json(output.getData().getAsString()).get("error").getAsString())
                        .isNotBlank();
            }
        }
    }

    @Test
    void anNpuUrlIsAllThatACriteriaNeeds() throws Exception {
        Criteria<String, String> criteria =
                Criteria.builder()
                        .setTypes(String.class, String.class)
                        .optModelUrls("npu://" + model.toUri().getRawPath() + "?maxNewTokens=24")
                        .build();
        try (ZooModel<String, String> text = criteria.loadModel();
                Predictor<String, String> predictor = text.newPredictor()) {
            assertThat(text.getNDManager().getEngine().getEngineName()).isEqualTo("NPU");
            assertThat(predictor.predict(PROMPT)).isEqualTo(expected);
        }
    }

    @Test
    void aMissingTokenizerIsNamed() throws Exception {
        Path copy = Files.createDirectory(cache.resolve("no-tokenizer"));
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.toList()) {
                if (!file.endsWith("tokenizer.json")) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        }
        Criteria<String, String> criteria =
                Criteria.builder()
                        .setTypes(String.class, String.class)
                        .optModelPath(copy)
                        .optEngine("NPU")
                        .optTranslatorFactory(new NpuTranslatorFactory())
                        .build();
        assertThatThrownBy(criteria::loadModel)
                .isInstanceOf(ModelNotFoundException.class)
                .hasStackTraceContaining("tokenizer.json: no such file");
    }

    @Test
    void anotherEnginesModelIsRefused() {
        try (Model other = Model.newInstance("other", "NPU")) {
            assertThatThrownBy(
                            () ->
                                    new NpuTranslatorFactory()
                                            .newInstance(
                                                    String.class,
                                                    String.class,
                                                    other,
                                                    java.util.Map.of()))
                    .hasMessageContaining("was not loaded by the engine NPU");
        }
    }

    private static Input input(JsonObject request) {
        Input input = new Input();
        input.addProperty("Content-Type", "application/json");
        input.add(request.toString());
        return input;
    }

    private static JsonObject token(JsonObject line) {
        return line.getAsJsonObject("token");
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }
}
