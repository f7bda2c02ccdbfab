package io.djlnpu.serve;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A client of one server, and the shipped model for that. */
final class Client {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final URI server;

    Client(NpuServer server) {
        this.server = server.uri();
    }

    static ServerOptions options(int parallel, int queue, String... keys) {
        ServerOptions defaults = ServerOptions.DEFAULTS;
        return new ServerOptions(
                defaults.host(),
                0,
                List.of(keys),
                parallel,
                queue,
                "http://page.example",
                100_000,
                defaults.idle());
    }

    static NpuServer serve(ServerOptions options) throws Exception {
        NpuServer server = new NpuServer(options);
        Path model = Path.of(Client.class.getResource("/storyteller/model.onnx").toURI());
        server.load(Map.of("storyteller", model), 1);
        return server;
    }

    static JsonObject json(HttpResponse<String> response) {
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }

    HttpRequest request(String path, String body, String... headers) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(server.resolve(path));
        if (body != null) {
            builder.header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
        }
        return (headers.length == 0 ? builder : builder.headers(headers)).build();
    }

    HttpResponse<String> get(String path, String... headers)
            throws IOException, InterruptedException {
        return HTTP.send(request(path, null, headers), BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        return HTTP.send(request(path, body, headers), BodyHandlers.ofString());
    }

    CompletableFuture<HttpResponse<String>> postAsync(String path, String body) {
        return HTTP.sendAsync(request(path, body), BodyHandlers.ofString());
    }
}
