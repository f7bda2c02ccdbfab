package io.djlnpu.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NpuServerTest {

    private static final String CHAT =
            """
            {"model": "storyteller", "max_tokens": 24, "temperature": 0, "ignore_eos": true,
             "messages": [{"role": "user", "content": "Tell me a story about %s."}]%s}
            """;

    private static NpuServer server;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        server = Client.serve(Client.options(4, 8));
        client = new Client(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String chat(String about, String more) {
        return CHAT.formatted(about, more);
    }

    private static JsonObject choice(JsonObject json) {
        return json.getAsJsonArray("choices").get(0).getAsJsonObject();
    }

    private static String content(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return choice(Client.json(response))
                .getAsJsonObject("message")
                .get("content")
                .getAsString();
    }

    private static List<String> events(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        return Stream.of(response.body().split("\n\n"))
                .peek(event -> assertThat(event).startsWith("data: "))
                .map(event -> event.substring(6))
                .toList();
    }

    private static List<JsonObject> chunks(HttpResponse<String> response) {
        List<String> events = events(response);
        assertThat(events.getLast()).isEqualTo("[DONE]");
        return events.subList(0, events.size() - 1).stream()
                .map(event -> JsonParser.parseString(event).getAsJsonObject())
                .toList();
    }

    @Test
    void itIsHealthyAndNamesItsModels() throws Exception {
        assertThat(client.get("/health").body()).isEqualTo("{\"status\":\"ok\"}");
        JsonArray models = Client.json(client.get("/v1/models")).getAsJsonArray("data");
        assertThat(models).hasSize(1);
        assertThat(models.get(0).getAsJsonObject().get("id").getAsString())
                .isEqualTo("storyteller");
        assertThat(client.get("/v1/models/storyteller").statusCode()).isEqualTo(200);
        assertThat(client.get("/v1/models/other").statusCode()).isEqualTo(404);
        assertThat(Client.json(client.get("/props")).get("total_slots").getAsInt()).isEqualTo(4);
    }

    @Test
    void aChatIsAnsweredInOpenAisForm() throws Exception {
        HttpResponse<String> response = client.post("/v1/chat/completions", chat("a cat", ""));
        assertThat(content(response)).isNotBlank();
        JsonObject json = Client.json(response);
        assertThat(json.get("object").getAsString()).isEqualTo("chat.completion");
        assertThat(json.get("model").getAsString()).isEqualTo("storyteller");
        assertThat(choice(json).get("finish_reason").getAsString()).isEqualTo("length");
        assertThat(json.getAsJsonObject("usage").get("completion_tokens").getAsInt()).isEqualTo(24);
    }

    @Test
    void aStreamIsTheWholeAnswerWithOneRoleAndNoUsage() throws Exception {
        String whole = content(client.post("/v1/chat/completions", chat("a dog", "")));
        List<JsonObject> chunks =
                chunks(client.post("/v1/chat/completions", chat("a dog", ", \"stream\": true")));
        StringBuilder said = new StringBuilder();
        int roles = 0;
        for (JsonObject chunk : chunks) {
            JsonObject delta = choice(chunk).getAsJsonObject("delta");
            roles += delta.has("role") ? 1 : 0;
            said.append(delta.get("content").getAsString());
            assertThat(chunk.has("usage")).isFalse();
        }
        assertThat(said).hasToString(whole);
        assertThat(roles).isEqualTo(1);
        assertThat(choice(chunks.getFirst()).getAsJsonObject("delta").has("role")).isTrue();
        assertThat(choice(chunks.getLast()).get("finish_reason").getAsString()).isEqualTo("length");
    }

    @Test
    void usageComesInAChunkOfItsOwnWhenAskedFor() throws Exception {
        String more = ", \"stream\": true, \"n\": 2, \"stream_options\": {\"include_usage\": true}";
        List<JsonObject> chunks = chunks(client.post("/v1/chat/completions", chat("a bird", more)));
        JsonObject last = chunks.getLast();
        assertThat(last.getAsJsonArray("choices")).isEmpty();
        assertThat(last.getAsJsonObject("usage").get("completion_tokens").getAsInt()).isEqualTo(48);
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allMatch(chunk -> chunk.get("usage").isJsonNull())
                .allMatch(chunk -> chunk.get("id").equals(last.get("id")));
    }

    @Test
    void aTextGoesOnWholeAndStreamed() throws Exception {
        String body =
                "{\"prompt\": \"Once upon a time\", \"max_tokens\": 12, \"temperature\": 0, \"stream\": %s}";
        JsonObject whole = Client.json(client.post("/v1/completions", body.formatted(false)));
        String text = choice(whole).get("text").getAsString();
        assertThat(text).isNotBlank();
        assertThat(whole.getAsJsonObject("usage").get("completion_tokens").getAsInt())
                .isBetween(1, 12);
        StringBuilder streamed = new StringBuilder();
        chunks(client.post("/v1/completions", body.formatted(true)))
                .forEach(chunk -> streamed.append(choice(chunk).get("text").getAsString()));
        assertThat(streamed).hasToString(text);
    }

    @Test
    void severalTextsAreSeveralChoices() throws Exception {
        String body = "{\"prompt\": [\"Once\", \"There was\"], \"max_tokens\": 4, \"n\": 2}";
        JsonArray choices =
                Client.json(client.post("/v1/completions", body)).getAsJsonArray("choices");
        for (int i = 0; i < 4; i++) {
            assertThat(choices.get(i).getAsJsonObject().get("index").getAsInt()).isEqualTo(i);
        }
        assertThat(choices).hasSize(4);
    }

    @Test
    void tokensAndBack() throws Exception {
        JsonObject tokens =
                Client.json(client.post("/tokenize", "{\"content\": \"Once upon a time\"}"));
        assertThat(tokens.getAsJsonArray("tokens")).isNotEmpty();
        assertThat(Client.json(client.post("/detokenize", tokens.toString())).get("content"))
                .hasToString("\"Once upon a time\"");
        assertThat(client.post("/detokenize", "{\"tokens\": [\"x\"]}").statusCode()).isEqualTo(400);
        assertThat(client.post("/detokenize", "{\"tokens\": [2000000000]}").statusCode())
                .isBetween(200, 400);
    }

    @Test
    void ollamaStreamsUnlessToldOtherwise() throws Exception {
        String body =
                """
                {"model": "storyteller:latest", "options": {"num_predict": 12, "temperature": 0},
                 "messages": [{"role": "user", "content": "Tell me a story."}]%s}
                """;
        JsonObject whole =
                Client.json(client.post("/api/chat", body.formatted(", \"stream\": false")));
        assertThat(whole.get("done").getAsBoolean()).isTrue();
        StringBuilder said = new StringBuilder();
        List<JsonObject> lines = new ArrayList<>();
        client.post("/api/chat", body.formatted(""))
                .body()
                .lines()
                .forEach(line -> lines.add(JsonParser.parseString(line).getAsJsonObject()));
        lines.forEach(
                line -> said.append(line.getAsJsonObject("message").get("content").getAsString()));
        assertThat(said).hasToString(whole.getAsJsonObject("message").get("content").getAsString());
        assertThat(lines.getLast().get("eval_count")).isEqualTo(whole.get("eval_count"));
        assertThat(lines.stream().filter(line -> line.get("done").getAsBoolean())).hasSize(1);
    }

    @Test
    void ollamaGeneratesRawAndNot() throws Exception {
        String body =
                "{\"model\": \"storyteller\", \"prompt\": \"Once\", \"stream\": false, \"raw\": %s,"
                        + " \"options\": {\"num_predict\": 5}}";
        for (boolean raw : List.of(true, false)) {
            JsonObject json = Client.json(client.post("/api/generate", body.formatted(raw)));
            assertThat(json.get("response").getAsString()).isNotEmpty();
            assertThat(json.get("eval_count").getAsInt()).isBetween(1, 5);
        }
        assertThat(Client.json(client.get("/api/tags")).getAsJsonArray("models")).hasSize(1);
        assertThat(client.get("/api/version").body()).contains("version");
        assertThat(client.post("/api/chat", "{\"model\": \"x\", \"messages\": [{}]}").body())
                .startsWith("{\"error\":\"");
    }

    @Test
    void severalAtOnceAreAnsweredAsAlone() throws Exception {
        List<String> about = List.of("a fox", "the sea", "two friends", "a red ball");
        List<String> alone = new ArrayList<>();
        for (String one : about) {
            alone.add(content(client.post("/v1/chat/completions", chat(one, ""))));
        }
        List<CompletableFuture<HttpResponse<String>>> together =
                about.stream()
                        .map(one -> client.postAsync("/v1/chat/completions", chat(one, "")))
                        .toList();
        assertThat(together.stream().map(CompletableFuture::join).map(NpuServerTest::content))
                .containsExactlyElementsOf(alone);
        assertThat(new HashSet<>(alone)).hasSizeGreaterThan(2);
    }

    @Test
    void metricsCount() throws Exception {
        client.post("/v1/chat/completions", chat("a tree", ", \"stream\": true"));
        assertThat(client.get("/metrics").body())
                .contains("npu_requests_total{path=\"/v1/chat/completions\",status=\"200\"}")
                .contains("npu_time_between_tokens_seconds_count")
                .contains("npu_requests_running");
    }
}
