package io.djlnpu.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.util.Map;

/** Ollama's {@code /api/...}. */
final class OllamaRoutes {

    /** The interface that is followed, which clients ask for. */
    private static final String VERSION = "0.12.0";

    private final ServedModels models;
    private final ServerMetrics metrics;

    OllamaRoutes(ServedModels models, ServerMetrics metrics) {
        this.models = models;
        this.metrics = metrics;
    }

    void version(ServerResponse response) {
        JsonObject json = new JsonObject();
        json.addProperty("version", VERSION);
        Responses.send(response, json);
    }

    void tags(ServerResponse response) {
        JsonArray list = new JsonArray();
        for (ServedModel model : models.all()) {
            JsonObject details = new JsonObject();
            details.addProperty("format", "q4nx");
            JsonObject json = new JsonObject();
            json.addProperty("name", model.name());
            json.addProperty("model", model.name());
            json.addProperty("modified_at", model.loaded().toString());
            json.add("details", details);
            list.add(json);
        }
        JsonObject json = new JsonObject();
        json.add("models", list);
        Responses.send(response, json);
    }

    void chat(JsonObject request, ServerResponse response) {
        answer(request, OllamaRequests.chat(request), true, response);
    }

    void generate(JsonObject request, ServerResponse response) {
        answer(request, OllamaRequests.generate(request), false, response);
    }

    private void answer(
            JsonObject request, JsonObject asked, boolean chat, ServerResponse response) {
        ServedModel model = named(Requests.text(request, "model"));
        Reply reply = new Reply(model.name(), chat, System.nanoTime());
        try (Answering answering = model.ask(asked)) {
            JsonElement first = answering.next();
            if (OllamaRequests.streams(request)) {
                stream(first, answering, reply, response);
            } else {
                JsonObject json = reply.piece(Piece.whole(first));
                reply.end(json);
                metrics.count(reply.usage);
                Responses.send(response, json);
            }
        }
    }

    private void stream(
            JsonElement first, Answering answering, Reply reply, ServerResponse response) {
        try (Responses.Stream out = Responses.Stream.lines(response)) {
            try {
                for (JsonElement e = first; e != null; e = answering.next()) {
                    out.write(reply.piece(Piece.streamed(e)));
                }
                metrics.count(reply.usage);
                JsonObject last = reply.piece(Piece.EMPTY);
                reply.end(last);
                out.write(last);
            } catch (ApiException e) {
                out.write(Responses.ollamaError(e)); // too late for a status
            }
        }
    }

    /** Clients may add the tag that is meant when none is said. */
    private ServedModel named(String name) {
        boolean tagged = name != null && name.endsWith(":latest");
        return models.named(tagged ? name.substring(0, name.length() - 7) : name);
    }

    /** What a predictor's JSON says, in either form, whole or streamed. */
    private record Piece(
            String text, JsonArray calls, String finishReason, Map<String, JsonObject> counted) {

        static final Piece EMPTY = new Piece("", new JsonArray(), null, Map.of());

        static Piece whole(JsonElement element) {
            JsonObject json = element.getAsJsonObject();
            return json.has("choices") ? chat(json, "message") : text(json, "generated_text");
        }

        static Piece streamed(JsonElement element) {
            JsonObject json = element.getAsJsonObject();
            return json.has("choices")
                    ? chat(json, "delta")
                    : text(json.getAsJsonObject("token"), "text")
                            .ended(json.getAsJsonObject("details"));
        }

        private static Piece chat(JsonObject json, String place) {
            JsonObject choice = json.getAsJsonArray("choices").get(0).getAsJsonObject();
            JsonObject message = choice.getAsJsonObject(place);
            String text = Requests.text(message, "content");
            JsonObject usage = json.getAsJsonObject("usage");
            return new Piece(
                    text == null ? "" : text,
                    Requests.list(message, "tool_calls"),
                    Requests.text(choice, "finish_reason"),
                    usage == null ? Map.of() : Map.of("usage", usage));
        }

        private static Piece text(JsonObject json, String name) {
            return new Piece(Requests.text(json, name), new JsonArray(), null, Map.of())
                    .ended(json.getAsJsonObject("details"));
        }

        private Piece ended(JsonObject details) {
            return details == null
                    ? this
                    : new Piece(
                            text,
                            calls,
                            Requests.text(details, "finish_reason"),
                            Map.of("details", details));
        }
    }

    /** One answer's lines. */
    private static final class Reply {

        private final String model;
        private final boolean chat;
        private final long asked;
        private final Usage usage = new Usage();
        private long begun;
        private String reason = "stop";

        Reply(String model, boolean chat, long asked) {
            this.model = model;
            this.chat = chat;
            this.asked = asked;
        }

        JsonObject piece(Piece piece) {
            begun = begun == 0 ? System.nanoTime() : begun;
            if (piece.counted.get("usage") instanceof JsonObject counted) {
                usage.add(counted);
            }
            if (piece.counted.get("details") instanceof JsonObject counted) {
                usage.addDetails(counted);
            }
            if (piece.finishReason != null) {
                reason = piece.finishReason.equals("length") ? "length" : "stop";
            }
            JsonObject json = new JsonObject();
            json.addProperty("model", model);
            json.addProperty("created_at", Instant.now().toString());
            if (chat) {
                JsonObject message = new JsonObject();
                message.addProperty("role", "assistant");
                message.addProperty("content", piece.text);
                if (!piece.calls.isEmpty()) {
                    message.add("tool_calls", calls(piece.calls));
                }
                json.add("message", message);
            } else {
                json.addProperty("response", piece.text);
            }
            json.addProperty("done", false);
            return json;
        }

        /** Arguments are an object there. */
        private static JsonArray calls(JsonArray calls) {
            JsonArray list = new JsonArray();
            for (JsonElement call : calls) {
                JsonObject function = call.getAsJsonObject().getAsJsonObject("function").deepCopy();
                function.add(
                        "arguments",
                        JsonParser.parseString(function.get("arguments").getAsString()));
                JsonObject json = new JsonObject();
                json.add("function", function);
                list.add(json);
            }
            return list;
        }

        /** Durations are nanoseconds. */
        void end(JsonObject json) {
            long now = System.nanoTime();
            json.addProperty("done", true);
            json.addProperty("done_reason", reason);
            json.addProperty("total_duration", now - asked);
            json.addProperty("load_duration", 0);
            json.addProperty("prompt_eval_count", usage.prompt());
            json.addProperty("prompt_eval_duration", begun - asked);
            json.addProperty("eval_count", usage.completion());
            json.addProperty("eval_duration", now - begun);
        }
    }
}
