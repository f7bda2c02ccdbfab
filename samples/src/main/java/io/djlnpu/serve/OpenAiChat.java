package io.djlnpu.serve;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.helidon.webserver.http.ServerResponse;

/** OpenAI's {@code /v1/chat/completions} and {@code /v1/embeddings}. */
final class OpenAiChat {

    private final ServedModels models;
    private final ServerMetrics metrics;

    OpenAiChat(ServedModels models, ServerMetrics metrics) {
        this.models = models;
        this.metrics = metrics;
    }

    void complete(JsonObject request, ServerResponse response) {
        ServedModel model = models.named(Requests.text(request, "model"));
        if (Requests.list(request, "messages").isEmpty()) {
            throw ApiException.badRequest("'messages' is missing or empty");
        }
        boolean usage =
                Requests.isTrue(Requests.object(request, "stream_options"), "include_usage");
        try (Answering answering = model.ask(request)) {
            JsonElement first = answering.next();
            if (Requests.isTrue(request, "stream")) {
                stream(first, answering, new ChatChunks(model.name(), usage), usage, response);
            } else {
                JsonObject answer = ChatChunks.whole(first, model.name());
                Usage counted = new Usage();
                counted.add(answer.getAsJsonObject("usage"));
                metrics.count(counted);
                Responses.send(response, answer);
            }
        }
    }

    private void stream(
            JsonElement first,
            Answering answering,
            ChatChunks chunks,
            boolean usage,
            ServerResponse response) {
        try (Responses.Stream out = Responses.Stream.events(response)) {
            try {
                for (JsonElement piece = first; piece != null; piece = answering.next()) {
                    out.write(chunks.chunk(piece));
                }
                metrics.count(chunks.usage());
                if (usage) {
                    out.write(chunks.usageChunk());
                }
                out.done();
            } catch (ApiException e) {
                out.write(e.json()); // too late for a status
            }
        }
    }

    void embed(JsonObject request, ServerResponse response) {
        ServedModel model = models.named(Requests.text(request, "model"));
        if (!model.embeds()) {
            throw ApiException.badRequest(
                    "the model '" + model.name() + "' writes text and makes no embeddings");
        }
        if (!request.has("input")) {
            throw ApiException.badRequest("'input' is missing");
        }
        try (Answering answering = model.ask(request)) {
            JsonObject answer = answering.next().getAsJsonObject();
            answer.addProperty("model", model.name());
            Responses.send(response, answer);
        }
    }
}
