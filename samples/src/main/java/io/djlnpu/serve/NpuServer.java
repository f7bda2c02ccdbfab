package io.djlnpu.serve;

import com.google.gson.JsonObject;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.RequestException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves models over HTTP. It listens from the start and answers with 503 until {@link #load} has
 * returned.
 */
public final class NpuServer implements AutoCloseable {

    private static final Logger LOGGER = LoggerFactory.getLogger(NpuServer.class);

    /** Helidon tells of every start and end; held here, since loggers are forgotten otherwise. */
    private static final java.util.logging.Logger HELIDON =
            java.util.logging.Logger.getLogger("io.helidon");

    static {
        HELIDON.setLevel(java.util.logging.Level.WARNING);
    }

    private static final int MOST_HEADERS = 16 << 10;
    private static final int MOST_LINE = 4 << 10;

    /** Connections beside those whose requests run or wait. */
    private static final int SPARE_CONNECTIONS = 256;

    private final ServerOptions options;
    private final Admission admission;
    private final ServerMetrics metrics;
    private final Deadline deadline;
    private final ServedModels models = new ServedModels();
    private final WebServer server;

    /**
     * Starts to listen.
     *
     * @param options how to serve
     * @throws UnknownHostException if there is no such address
     */
    public NpuServer(ServerOptions options) throws UnknownHostException {
        this.options = options;
        Guard guard = new Guard(options);
        deadline = new Deadline(options.idle());
        admission = new Admission(options.parallel(), options.queue());
        metrics = new ServerMetrics(admission);
        int most = options.parallel() + options.queue() + SPARE_CONNECTIONS;
        try {
            server =
                    WebServer.builder()
                            .host(options.host())
                            .port(options.port())
                            .shutdownHook(false)
                            .maxPayloadSize(options.maxBody())
                            .maxTcpConnections(most)
                            .idleConnectionTimeout(options.idle())
                            .idleConnectionPeriod(options.idle().dividedBy(12))
                            .addProtocol(
                                    Http1Config.builder()
                                            .maxHeadersSize(MOST_HEADERS)
                                            .maxPrologueLength(MOST_LINE)
                                            .build())
                            .directHandlers(NpuServer::addDirect)
                            .routing(routing -> route(routing, guard))
                            .build()
                            .start();
        } catch (RuntimeException e) {
            admission.close();
            deadline.close();
            metrics.close();
            throw e;
        }
    }

    /**
     * Loads the models and begins to answer.
     *
     * @param paths what to serve, by the name to serve it under
     * @param threads threads that a model computes with
     * @throws Exception if one cannot be loaded
     */
    public void load(Map<String, Path> paths, int threads) throws Exception {
        List<ServedModel> loaded = new ArrayList<>();
        try {
            for (Map.Entry<String, Path> path : paths.entrySet()) {
                loaded.add(
                        ServedModel.load(
                                path.getKey(), path.getValue(), threads, admission, metrics));
            }
            models.set(loaded);
        } catch (Exception e) {
            loaded.forEach(ServedModel::close);
            throw e;
        }
    }

    /**
     * Returns where it listens.
     *
     * @return an address without a path
     */
    public URI uri() {
        String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
        return URI.create("http://" + host + ":" + server.port());
    }

    private void route(HttpRouting.Builder routing, Guard guard) {
        routing.addFilter(guard);
        LocalRoutes local = new LocalRoutes(models, options.parallel());
        get(routing, "/health", local::health);
        get(routing, "/v1/models", local::models);
        routing.get(
                "/v1/models/{name}",
                (request, response) ->
                        local.model(request.path().pathParameters().get("name"), response));
        OpenAiChat chat = new OpenAiChat(models, metrics);
        post(routing, "/v1/chat/completions", chat::complete);
        post(routing, "/v1/embeddings", chat::embed);
        post(routing, "/v1/completions", new OpenAiCompletions(models, metrics)::complete);
        post(routing, "/tokenize", local::tokenize);
        post(routing, "/detokenize", local::detokenize);
        get(routing, "/props", local::props);
        OllamaRoutes ollama = new OllamaRoutes(models, metrics);
        post(routing, "/api/chat", ollama::chat);
        post(routing, "/api/generate", ollama::generate);
        get(routing, "/api/tags", ollama::tags);
        get(routing, "/api/version", ollama::version);
        get(routing, "/metrics", this::metrics);
        routing.any(
                (request, response) -> {
                    throw new ApiException(
                            404,
                            null,
                            "no %s %s here"
                                    .formatted(
                                            request.prologue().method().text(),
                                            request.path().path()));
                });
        routing.error(ApiException.class, this::refuse);
        routing.error(RequestException.class, (q, r, e) -> refuse(q, r, refusal(e)));
        routing.error(Throwable.class, this::fail);
    }

    private void get(HttpRouting.Builder routing, String path, Consumer<ServerResponse> handler) {
        routing.get(path, (request, response) -> handler.accept(counted(path, response)));
    }

    private void post(
            HttpRouting.Builder routing,
            String path,
            BiConsumer<JsonObject, ServerResponse> handler) {
        Handler reading =
                (request, response) -> {
                    models.all(); // says so before a body is read
                    JsonObject body = Requests.read(request, options.maxBody(), deadline);
                    handler.accept(body, counted(path, response));
                };
        routing.post(path, reading);
    }

    private ServerResponse counted(String path, ServerResponse response) {
        return response.whenSent(() -> metrics.answered(path, response.status().code()));
    }

    private void metrics(ServerResponse response) {
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
        response.send(metrics.text().getBytes(StandardCharsets.UTF_8));
    }

    private void refuse(ServerRequest request, ServerResponse response, ApiException reason) {
        Responses.refuse(response, reason, request.path().path().startsWith("/api/"));
    }

    private void fail(ServerRequest request, ServerResponse response, Throwable thrown) {
        LOGGER.error("a request failed", thrown);
        refuse(
                request,
                response,
                new ApiException(500, null, "the request failed; the server's log says why"));
    }

    /** What Helidon refuses by itself. */
    private ApiException refusal(RequestException e) {
        int status = e.status().code();
        return status == 413
                ? Requests.tooLarge(options.maxBody())
                : new ApiException(status, null, e.status().reasonPhrase());
    }

    /** What is no request that could be routed. */
    private static void addDirect(DirectHandlers.Builder handlers) {
        DirectHandler handler =
                (request, type, status, headers, message) ->
                        DirectHandler.TransportResponse.builder()
                                .status(status)
                                .headers(headers)
                                .header(HeaderNames.CONTENT_TYPE, "application/json")
                                .keepAlive(false)
                                .entity(
                                        Responses.text(
                                                new ApiException(
                                                                status.code(),
                                                                null,
                                                                status.reasonPhrase())
                                                        .json()))
                                .build();
        for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
            handlers.addHandler(type, handler);
        }
    }

    /** Ends what runs, or cuts it off after a while, and frees the models. */
    @Override
    public void close() {
        admission.close();
        server.stop();
        deadline.close();
        models.close();
        metrics.close();
    }
}
