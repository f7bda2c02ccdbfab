package io.djlnpu.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.testing.Fixtures;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests in every form that clients send, and what is said about those that are none. */
class ServingRequestsTest {

    @TempDir static Path cache;
    private static ZooModel<Input, Output> model;
    private static Predictor<Input, Output> predictor;
    private static String story;

    @BeforeAll
    static void setUp() throws Exception {
        System.setProperty("DJL_CACHE_DIR", cache.toString());
        model =
                Criteria.builder()
                        .setTypes(Input.class, Output.class)
                        .optModelPath(Fixtures.fixture("storyteller/onnx/genai-int4"))
                        .optEngine("NPU")
                        .optTranslatorFactory(new NpuTranslatorFactory())
                        .optArgument("maxNewTokens", 8)
                        .optOption("warmUp", "false")
                        .build()
                        .loadModel();
        predictor = model.newPredictor();
        story = text(json("{'inputs': 'Once upon a time'}"));
        assertThat(story).isNotBlank();
    }

    @AfterAll
    static void tearDown() {
        predictor.close();
        model.close();
        System.clearProperty("DJL_CACHE_DIR");
    }

    private static Input json(String body) {
        Input input = new Input();
        input.addProperty("Content-Type", "application/json");
        input.add(body.replace('\'', '"'));
        return input;
    }

    private static Output send(Input input) throws Exception {
        return predictor.predict(input);
    }

    private static JsonObject answer(Input input) throws Exception {
        Output output = send(input);
        assertThat(output.getCode()).as(output.getMessage()).isEqualTo(200);
        return JsonParser.parseString(output.getData().getAsString()).getAsJsonObject();
    }

    private static String text(Input input) throws Exception {
        return answer(input).get("generated_text").getAsString();
    }

    @Test
    void aFormNeedsNoPicture() throws Exception {
        Input form = new Input();
        form.add("inputs", "Once upon a time");
        form.add("parameters", "{\"max_new_tokens\": 8, \"return_full_text\": true}");
        assertThat(text(form)).isEqualTo("Once upon a time" + story);
        Input named = new Input();
        named.add("prompt", "Once upon a time");
        named.add("max_new_tokens", "8");
        assertThat(text(named)).isEqualTo(story);
    }

    @Test
    void aListOfMessagesIsAConversation() throws Exception {
        String messages = "[{'role': 'user', 'content': 'Tell me a story.'}]";
        assertThat(answer(json(messages)).getAsJsonArray("choices")).hasSize(1);
        assertThat(answer(json("{'inputs': " + messages + "}")).has("choices")).isTrue();
    }

    @Test
    void plainTextIsWhatItSays() throws Exception {
        Input plain = new Input();
        plain.addProperty("Content-Type", "text/plain; charset=utf-8");
        plain.add("{\"inputs\": ");
        assertThat(answer(plain).has("generated_text")).isTrue();
    }

    @Test
    void detailsMayBeAskedForAnywhere() throws Exception {
        for (String request :
                new String[] {
                    "{'inputs': 'Once', 'details': true, 'return_full_text': true, 'npu_cost': true}",
                    "{'inputs': 'Once', 'extra_body': {'details': true, 'return_full_text': true,"
                            + " 'npu_cost': true}}",
                    "{'inputs': 'Once', 'parameters': {'details': true, 'returnFullText': true,"
                            + " 'npuCost': true}}"
                }) {
            JsonObject answer = answer(json(request));
            assertThat(answer.keySet()).contains("generated_text", "details", "npu");
            assertThat(answer.get("generated_text").getAsString()).startsWith("Once");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'max_token': 3 | 'max_tokens'",
                "'temprature': 1 | 'temperature' is",
                "'nonsense': {} | 'nonsense' is not known",
                "'parameters': {'model': 'x'} | 'model' is not known",
                "'max_tokens': 3, 'max_new_tokens': 4 | said already",
                "'seed': 1, 'seed': 2 | '$.seed' stands twice",
                "'parameters': {'seed': 1, 'seed': 1} | '$.parameters.seed' stands twice"
            })
    void whatHasNoEffectIsToldOfOrRefused(String field, String said) throws Exception {
        JsonObject answer = answer(json("{'inputs': 'Once', " + field + "}"));
        assertThat(answer.getAsJsonArray("warnings")).hasSize(1);
        assertThat(answer.getAsJsonArray("warnings").get(0).getAsString()).contains(said);
        Output refused = send(json("{'strict': true, 'inputs': 'Once', " + field + "}"));
        assertThat(refused.getCode()).isEqualTo(400);
        assertThat(refused.getMessage()).contains(said);
    }

    @Test
    void aCleanRequestHasNoWarnings() throws Exception {
        String clean =
                "{'model': 'm', 'user': 'u', 'inputs': 'Once', 'strict': true, 'max_tokens': -1,"
                        + " 'stop': [''], 'top_p': 0, 'temperature': 1, 'topK': -1, 'seed': 3}";
        assertThat(answer(json(clean)).has("warnings")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'max_tokens': 2.9",
                "'max_tokens': 1e99",
                "'max_tokens': -2",
                "'max_tokens': 'NaN'",
                "'max_tokens': true",
                "'temperature': 'NaN'",
                "'temperature': 1e999",
                "'top_p': -0.1",
                "'n': 0",
                "'n': 129",
                "'stream': 'yes'",
                "'strict': 1",
                "'logit_bias': {'1.5': 1}",
                "'logit_bias': {'1': 'NaN'}",
                "'seed': 9223372036854775808",
                "'do_sample': 'perhaps'",
                "'temperature': NaN",
                "'a': 1, // note"
            })
    void whatIsNoNumberIsRefused(String field) throws Exception {
        assertThat(send(json("{'inputs': 'Once', " + field + "}")).getCode()).isEqualTo(400);
    }

    @Test
    void picturesOfARequestAreCounted() throws Exception {
        String part = "{'type': 'image_url', 'image_url': {'url': 'data:image/png;base64,AA=='}}";
        String parts = String.join(",", java.util.Collections.nCopies(17, part));
        Output output = send(json("{'messages': [{'role': 'user', 'content': [" + parts + "]}]}"));
        assertThat(output.getCode()).isEqualTo(400);
    }

    @Test
    void saysWhatEndedAnAnswer() throws Exception {
        String stop = story.substring(3, 6);
        JsonObject answer =
                answer(
                        json(
                                "{'inputs': 'Once upon a time', 'details': true, 'stop': ['%s']}"
                                        .formatted(stop)));
        assertThat(answer.getAsJsonObject("details").get("finish_reason").getAsString())
                .isEqualTo("stop_sequence");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'messages': []} | at least one",
                "{'messages': [{'role': 'assistant', 'content': 'a'}, {'role': 'x', 'content':"
                        + " 'b'}]} | Turns must go user",
                "{'inputs': ['a', 'b']} | one text",
                "{'inputs': 'a', 'parameters': {'max_new_tokens': 4294967298}} | max_new_tokens",
                "{'inputs': 'a', 'response_format': {'type': 'regex'}} | 'value'",
                "{'inputs': 'a', 'image': '/etc/passwd'} | imageFiles=true",
                "{'inputs': 'a', 'image': 'https://127.0.0.1/x.png'} | fetchImages=true"
            })
    void aFaultyRequestIsTheClients(String request, String said) throws Exception {
        Output output = send(json(request));
        assertThat(output.getCode()).isEqualTo(400);
        assertThat(output.getMessage()).contains(said).doesNotContain(cache.toString());
    }

    @Test
    void aStreamAlwaysHasAnEndAndItsErrorsAreEvents() throws Exception {
        String request =
                "{'messages': [{'role': 'user', 'content': 'a'}], 'max_tokens': %d, 'stream': true%s}";
        for (boolean pulled : new boolean[] {true, false}) {
            Input empty = json(request.formatted(0, ""));
            Output output =
                    pulled
                            ? predictor.streamingPredict(empty).getIterativeOutput()
                            : predictor.predict(empty);
            assertThat(output.getData().getAsString()).isEqualTo("data: [DONE]\n\n");
        }
        Input cancelled = json(request.formatted(8, ""));
        cancelled.setCancelled(true);
        assertThat(predictor.predict(cancelled).getData().getAsString()).isEmpty();
    }

    /** As DJL's {@code GenerationOutput}. */
    static final class Generated {
        String generated_text;
    }

    @Test
    void onlyObjectsAreRequestsInJson() {
        NpuTranslatorFactory factory = new NpuTranslatorFactory();
        assertThat(factory.isSupported(Map.class, Generated.class)).isTrue();
        assertThat(factory.isSupported(String.class, Generated.class)).isFalse();
        assertThat(factory.isSupported(Input.class, Generated.class)).isFalse();
        assertThat(factory.isSupported(byte[].class, Generated.class)).isFalse();
    }

    @Test
    void aFactoryRefusesAnArgumentThatMeansNothing() {
        assertThat(
                        catchThrowable(
                                () ->
                                        new NpuTranslatorFactory()
                                                .newInstance(
                                                        String.class,
                                                        String.class,
                                                        model.getWrappedModel(),
                                                        Map.of("prompt", "conversation"))))
                .isInstanceOf(TranslateException.class)
                .hasMessageContaining("prompt=conversation, expected chat or completion");
    }
}
