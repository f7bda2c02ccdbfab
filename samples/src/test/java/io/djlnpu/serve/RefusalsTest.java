package io.djlnpu.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalsTest {

    private static final String KEY = "Bearer secret-2";
    private static final String LONG =
            "{\"max_tokens\": 400, \"ignore_eos\": true, \"stream\": true,"
                    + " \"messages\": [{\"role\": \"user\", \"content\": \"Tell me a story.\"}]}";

    private static NpuServer open;
    private static NpuServer locked;
    private static NpuServer hasty;

    @BeforeAll
    static void start() throws Exception {
        open = Client.serve(Client.options(1, 1));
        locked = Client.serve(Client.options(1, 1, "secret-1", "secret-2"));
        ServerOptions o = Client.options(1, 1);
        hasty =
                Client.serve(
                        new ServerOptions(
                                o.host(),
                                0,
                                List.of(),
                                1,
                                1,
                                null,
                                o.maxBody(),
                                Duration.ofMillis(300)));
    }

    @AfterAll
    static void stop() {
        open.close();
        locked.close();
        hasty.close();
    }

    private static JsonObject error(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonObject error = Client.json(response).getAsJsonObject("error");
        assertThat(error.get("message").getAsString()).isNotBlank();
        assertThat(error.get("type").getAsString()).isNotBlank();
        assertThat(error.has("code")).isTrue();
        return error;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no JSON",
                "[]",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]} trailing",
                "{'messages': []}",
                "{}",
                "{\"messages\": []}",
                "{\"messages\": \"x\"}",
                "{\"messages\": [3]}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"stream\": 3}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"temperature\": \"hot\"}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"stream\": true, \"top_p\": 7}",
                "{\"model\": 7, \"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}"
            })
    void aBodyThatCannotBeUnderstood(String body) throws Exception {
        error(new Client(open).post("/v1/chat/completions", body), 400);
    }

    @Test
    void whatIsNotThere() throws Exception {
        Client client = new Client(open);
        error(client.get("/v1/nothing"), 404);
        error(client.get("/v1/chat/completions"), 404);
        String other =
                "{\"model\": \"gpt\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}";
        assertThat(error(client.post("/v1/chat/completions", other), 404).get("code").getAsString())
                .isEqualTo("model_not_found");
        error(client.post("/v1/embeddings", "{\"input\": \"x\"}"), 400);
    }

    @Test
    void aBodyThatIsTooLong() throws Exception {
        Client client = new Client(open);
        error(client.post("/v1/chat/completions", "x".repeat(100_001)), 413);
        assertThat(client.get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void aKeyIsAskedFor() throws Exception {
        Client client = new Client(locked);
        assertThat(error(client.get("/v1/models"), 401).get("code").getAsString())
                .isEqualTo("invalid_api_key");
        for (String wrong : List.of("Bearer secret", "Bearer ", "secret-1", "Basic secret-1")) {
            error(client.get("/v1/models", "Authorization", wrong), 401);
        }
        assertThat(client.get("/v1/models", "Authorization", KEY).statusCode()).isEqualTo(200);
        assertThat(client.get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void pagesOfOtherOrigins() throws Exception {
        Client client = new Client(open);
        error(client.get("/v1/models", "Origin", "http://evil.example"), 403);
        HttpResponse<String> named = client.get("/v1/models", "Origin", "http://page.example");
        assertThat(named.headers().firstValue("Access-Control-Allow-Origin"))
                .hasValue("http://page.example");
        assertThat(client.get("/v1/models", "Origin", open.uri().toString()).statusCode())
                .isEqualTo(200);
        assertThat(client.get("/v1/models").headers().map())
                .doesNotContainKey("access-control-allow-origin");
    }

    /** The first line of the answer to what is sent as it stands. */
    private static String raw(String request) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", open.uri().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
        }
    }

    @Test
    void namesThatAreNotThisMachines() throws Exception {
        assertThat(raw("GET /v1/models HTTP/1.1\r\nHost: localhost:1\r\n\r\n")).endsWith("200");
        assertThat(raw("GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n")).endsWith("403");
        assertThat(raw("GET /v1/models HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n"))
                .endsWith("403");
        assertThat(raw("GET /v1/models HTTP/1.1\r\n\r\n")).endsWith("400");
        assertThat(
                        raw(
                                "GET / HTTP/1.1\r\nHost: localhost\r\nX: "
                                        + "y".repeat(20_000)
                                        + "\r\n\r\n"))
                .contains(" 4");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n{",
                "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"
            })
    void halfABodyIsNotWaitedForForEver(String half) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", hasty.uri().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(half.getBytes(StandardCharsets.UTF_8));
            String told = "";
            try {
                told = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (SocketException reset) {
                // closed as well
            }
            assertThat(told).doesNotContain(" 200 ");
            assertThat(new Client(hasty).get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void loadingIsUnavailable() throws Exception {
        try (NpuServer loading = new NpuServer(Client.options(1, 1))) {
            HttpResponse<String> response = new Client(loading).get("/health");
            error(response, 503);
            assertThat(response.headers().firstValue("Retry-After")).isPresent();
            error(new Client(loading).post("/v1/chat/completions", LONG), 503);
        }
    }

    @Test
    void aFullQueue() throws Exception {
        Client client = new Client(open);
        List<HttpResponse<String>> responses =
                IntStream.range(0, 8)
                        .mapToObj(i -> client.postAsync("/v1/chat/completions", LONG))
                        .toList()
                        .stream()
                        .map(CompletableFuture::join)
                        .toList();
        assertThat(responses.stream().map(HttpResponse::statusCode)).contains(200).contains(429);
        for (HttpResponse<String> response : responses) {
            if (response.statusCode() != 200) {
                error(response, 429);
                assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
            } else {
                assertThat(response.body()).endsWith("data: [DONE]\n\n");
            }
        }
    }

    private static int count(String name) throws Exception {
        return new Client(locked)
                .get("/metrics", "Authorization", KEY)
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    @Test
    void aClientThatLeavesEndsItsAnswer() throws Exception {
        String request =
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(KEY, LONG.length(), LONG);
        try (Socket socket = new Socket("127.0.0.1", locked.uri().getPort())) {
            socket.setSoLinger(true, 0);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.UTF_8));
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(12), StandardCharsets.UTF_8)).endsWith("200");
        }
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (count("npu_requests_running") > 0 && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        assertThat(count("npu_requests_running")).isZero();
        assertThat(count("npu_time_between_tokens_seconds_count")).isLessThan(399);
    }
}
