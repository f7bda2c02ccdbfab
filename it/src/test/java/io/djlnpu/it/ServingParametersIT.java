package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way to steer an answer, from a client's JSON to the tokens. */
class ServingParametersIT {

    @TempDir static Path cache;
    private static ServingModel model;
    private static List<Integer> greedy;

    @BeforeAll
    static void setUp() throws Exception {
        model = new ServingModel(cache);
        greedy = ids(model.story("'max_new_tokens': 24"));
        assertThat(greedy).hasSize(24);
    }

    @AfterAll
    static void tearDown() throws Exception {
        model.close();
    }

    private static List<JsonObject> list(JsonElement array) {
        return StreamSupport.stream(array.getAsJsonArray().spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    private static List<JsonObject> tokens(JsonObject answer) {
        return list(answer.getAsJsonObject("details").get("tokens"));
    }

    private static List<Integer> ids(JsonObject answer) {
        return tokens(answer).stream().map(token -> token.get("id").getAsInt()).toList();
    }

    private static String text(JsonObject answer) {
        return answer.get("generated_text").getAsString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'temperature': 1.7, 'top_k': 1",
                "'temperature': 1.7, 'top_p': 1e-9",
                "'temperature': 1.7, 'min_p': 1",
                "'do_sample': false, 'temperature': 1.7",
                "'temperature': 1e-4"
            })
    void aFilterThatLeavesOneTokenIsGreedy(String parameters) throws Exception {
        assertThat(ids(model.story("'max_new_tokens': 24, " + parameters))).isEqualTo(greedy);
    }

    @Test
    void aTinyTypicalShareLeavesNoChoice() throws Exception {
        String parameters = "'max_new_tokens': 24, 'temperature': 1.5, 'typical_p': 1e-9";
        assertThat(ids(model.story(parameters))).isEqualTo(ids(model.story(parameters)));
    }

    @Test
    void aSeedRepeatsAnAnswer() throws Exception {
        String parameters = "'max_new_tokens': 24, 'temperature': 1.5, 'seed': ";
        List<Integer> seven = ids(model.story(parameters + 7));
        assertThat(ids(model.story(parameters + 7))).isEqualTo(seven);
        assertThat(ids(model.story(parameters + 8))).isNotEqualTo(seven);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'frequency_penalty': 1000",
                "'presence_penalty': 1000",
                "'repetition_penalty': 1e6"
            })
    void aHeavyPenaltyForbidsRepetition(String parameter) throws Exception {
        String longer = "'max_new_tokens': 64, 'ignore_eos': true";
        List<Integer> free = ids(model.story(longer));
        assertThat(free.stream().distinct().count()).isLessThan(free.size());
        assertThat(ids(model.story(longer + ", " + parameter))).doesNotHaveDuplicates();
    }

    @Test
    void aBiasForbidsAndForces() throws Exception {
        int first = greedy.getFirst();
        String forbid = "'max_new_tokens': 8, 'logit_bias': {'%d': -100}".formatted(first);
        assertThat(ids(model.story(forbid))).doesNotContain(first);
        String force = "'max_new_tokens': 8, 'logit_bias': {'%d': 100}".formatted(first);
        assertThat(ids(model.story(force))).containsOnly(first);
    }

    @Test
    void aStopSequenceEndsTheAnswerBeforeIt() throws Exception {
        String whole = text(model.story("'max_new_tokens': 24"));
        String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 5);
        for (String parameter :
                List.of("'stop_sequences': ['zzz', '%s']", "'stop': '%s'", "'stop': ['%s']")) {
            JsonObject answer = model.story("'max_new_tokens': 24, " + parameter.formatted(stop));
            assertThat(text(answer)).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        }
    }

    @Test
    void anAnswerGoesOnPastItsEndIfAsked() throws Exception {
        JsonObject ended = model.story("'max_new_tokens': 400");
        assertThat(finish(ended)).isEqualTo("eos_token");
        int length = ids(ended).size();
        JsonObject longer = model.story("'ignore_eos': true, 'max_new_tokens': " + (length + 5));
        assertThat(finish(longer)).isEqualTo("length");
        assertThat(ids(longer)).hasSize(length + 5).startsWith(ids(ended).toArray(Integer[]::new));
    }

    private static String finish(JsonObject answer) {
        return answer.getAsJsonObject("details").get("finish_reason").getAsString();
    }

    @Test
    void severalAnswersComeFromOnePrompt() throws Exception {
        String parameters = "'max_new_tokens': 16, 'temperature': 1.5, 'seed': 3";
        JsonElement answers =
                model.ask(
                        "{'inputs': 'Once upon a time', 'n': 3, 'parameters': {'details': true, "
                                + parameters
                                + "}}");
        List<List<Integer>> all = list(answers).stream().map(ServingParametersIT::ids).toList();
        assertThat(all).hasSize(3).doesNotHaveDuplicates();
        assertThat(all.getFirst()).isEqualTo(ids(model.story(parameters)));
    }

    @Test
    void severalChoicesComeWholeAndStreamed() throws Exception {
        String request =
                "{'messages': [{'role': 'user', 'content': 'Tell me a story.'}], 'n': 3, 'seed': 5,"
                        + " 'temperature': 1.5, 'max_tokens': 12, 'logprobs': true,"
                        + " 'top_logprobs': 2, 'stream': %s}";
        JsonObject whole = model.ask(request.formatted(false)).getAsJsonObject();
        TreeMap<Integer, String> contents = new TreeMap<>();
        for (JsonObject choice : list(whole.get("choices"))) {
            String content = choice.getAsJsonObject("message").get("content").getAsString();
            contents.put(choice.get("index").getAsInt(), content);
        }
        assertThat(contents.keySet()).containsExactly(0, 1, 2);
        assertThat(contents.values()).doesNotHaveDuplicates();

        TreeMap<Integer, String> streamed = new TreeMap<>();
        int tokens = 0;
        List<String> lines =
                model.send(request.formatted(true)).getData().getAsString().lines().toList();
        for (String line : lines) {
            if (line.startsWith("data: {")) {
                JsonObject event = JsonParser.parseString(line.substring(6)).getAsJsonObject();
                JsonObject choice = list(event.get("choices")).getFirst();
                String piece = choice.getAsJsonObject("delta").get("content").getAsString();
                streamed.merge(choice.get("index").getAsInt(), piece, String::concat);
                tokens += choice.getAsJsonObject("logprobs").getAsJsonArray("content").size();
            }
        }
        assertThat(streamed).isEqualTo(contents);
        assertThat(lines).containsOnlyOnce("data: [DONE]");
        assertThat(tokens)
                .isEqualTo(whole.getAsJsonObject("usage").get("completion_tokens").getAsInt());
    }

    @Test
    void tokensCarryProbabilities() throws Exception {
        List<JsonObject> tokens =
                tokens(model.story("'max_new_tokens': 8, 'logprobs': 3, 'temperature': 0"));
        for (JsonObject token : tokens) {
            List<JsonObject> likeliest = list(token.get("top_tokens"));
            assertThat(likeliest).hasSize(3);
            assertThat(likeliest.getFirst().get("id")).isEqualTo(token.get("id"));
            double best = token.get("log_prob").getAsDouble();
            assertThat(likeliest.getFirst().get("log_prob").getAsDouble()).isEqualTo(best);
            double sum = 0;
            double last = 0;
            for (JsonObject one : likeliest) {
                double logProb = one.get("log_prob").getAsDouble();
                assertThat(logProb).isLessThanOrEqualTo(last);
                last = logProb;
                sum += Math.exp(logProb);
            }
            assertThat(sum).isBetween(Math.exp(best), 1 + 1e-9);
        }
    }

    @Test
    void aChatsTokensCarryProbabilitiesAndBytes() throws Exception {
        JsonObject answer =
                model.ask(
                                "{'messages': [{'role': 'user', 'content': 'Hello!'}],"
                                        + " 'max_tokens': 6, 'logprobs': true, 'top_logprobs': 2}")
                        .getAsJsonObject();
        JsonObject choice = list(answer.get("choices")).getFirst();
        JsonArray content = choice.getAsJsonObject("logprobs").getAsJsonArray("content");
        StringBuilder text = new StringBuilder();
        for (JsonObject token : list(content)) {
            assertThat(token.get("logprob").getAsDouble()).isLessThanOrEqualTo(0);
            assertThat(token.getAsJsonArray("top_logprobs")).hasSize(2);
            text.append(token.get("token").getAsString());
        }
        assertThat(text.toString())
                .isEqualTo(choice.getAsJsonObject("message").get("content").getAsString());
    }

    @Test
    void parametersMayStandInExtraBody() throws Exception {
        String request = "{'inputs': 'Once upon a time', 'max_new_tokens': 8, 'extra_body': {%s}}";
        JsonObject plain = model.ask(request.formatted("")).getAsJsonObject();
        int first = greedy.getFirst();
        JsonObject forced =
                model.ask(request.formatted("'logit_bias': {'%d': -100}".formatted(first)))
                        .getAsJsonObject();
        assertThat(text(forced)).isNotEqualTo(text(plain));
    }
}
