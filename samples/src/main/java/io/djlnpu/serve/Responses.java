package io.djlnpu.serve;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Writes JSON, whole and as it comes. */
final class Responses {

    private static final Gson GSON =
            new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    private Responses() {}

    static String text(JsonElement json) {
        return GSON.toJson(json);
    }

    static void send(ServerResponse response, JsonElement json) {
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.send(text(json).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Refuses a request.
     *
     * @param ollama whether the client reads {@code {"error": "..."}}
     */
    static void refuse(ServerResponse response, ApiException reason, boolean ollama) {
        response.status(reason.status());
        switch (reason.status()) {
            case 401 -> response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
            case 413 -> response.header(HeaderNames.CONNECTION, "close");
            case 429, 503 -> response.header(HeaderNames.RETRY_AFTER, "1");
            default -> {}
        }
        send(response, ollama ? ollamaError(reason) : reason.json());
    }

    static JsonObject ollamaError(ApiException reason) {
        JsonObject json = new JsonObject();
        json.addProperty("error", reason.getMessage());
        return json;
    }

    /** A stream of JSON; every piece is on its way when {@link #write} returns. */
    static final class Stream implements AutoCloseable {

        private final OutputStream out;
        private final boolean events;

        private Stream(OutputStream out, boolean events) {
            this.out = out;
            this.events = events;
        }

        /** Server-sent events, as OpenAI streams. */
        static Stream events(ServerResponse response) {
            response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
            response.header(HeaderNames.CACHE_CONTROL, "no-cache");
            return new Stream(response.outputStream(), true);
        }

        /** One line a piece, as Ollama streams. */
        static Stream lines(ServerResponse response) {
            response.header(HeaderNames.CONTENT_TYPE, "application/x-ndjson");
            return new Stream(response.outputStream(), false);
        }

        void write(JsonElement piece) {
            write(text(piece));
        }

        void done() {
            write("[DONE]");
        }

        /**
         * Writes a piece.
         *
         * @throws CloseConnectionException if the client is gone
         */
        private void write(String text) {
            String framed = events ? "data: " + text + "\n\n" : text + "\n";
            try {
                out.write(framed.getBytes(StandardCharsets.UTF_8));
                out.flush();
            } catch (IOException | UncheckedIOException e) {
                throw new CloseConnectionException("the client is gone", e);
            }
        }

        @Override
        public void close() {
            try {
                out.close();
            } catch (IOException | UncheckedIOException e) {
                throw new CloseConnectionException("the client is gone", e);
            }
        }
    }
}
