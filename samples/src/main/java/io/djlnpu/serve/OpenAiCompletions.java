package io.djlnpu.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** OpenAI's older {@code /v1/completions}: a text, or several, and how they go on. */
final class OpenAiCompletions {

    private static final int MOST_PROMPTS = 64;

    private final ServedModels models;
    private final ServerMetrics metrics;

    OpenAiCompletions(ServedModels models, ServerMetrics metrics) {
        this.models = models;
        this.metrics = metrics;
    }

    void complete(JsonObject request, ServerResponse response) {
        ServedModel model = models.named(Requests.text(request, "model"));
        if (!Requests.isAbsent(request, "logprobs")) {
            throw ApiException.badRequest(
                    "'logprobs' is not known here; /v1/chat/completions has it");
        }
        List<String> prompts = prompts(request);
        Head head = new Head("cmpl-" + UUID.randomUUID(), model.name());
        if (Requests.isTrue(request, "stream")) {
            stream(model, request, prompts, head, response);
        } else {
            whole(model, request, prompts, head, response);
        }
    }

    private static List<String> prompts(JsonObject request) {
        JsonElement prompt = request.get("prompt");
        JsonArray list = new JsonArray();
        if (prompt instanceof JsonArray several) {
            list = several;
        } else if (prompt != null) {
            list.add(prompt);
        }
        if (list.isEmpty() || list.size() > MOST_PROMPTS) {
            throw ApiException.badRequest(
                    "'prompt' has %d texts, expected 1 to %d".formatted(list.size(), MOST_PROMPTS));
        }
        List<String> prompts = new ArrayList<>();
        for (JsonElement text : list) {
            if (!(text instanceof JsonPrimitive p && p.isString())) {
                throw ApiException.badRequest("'prompt' holds %s, expected a text".formatted(text));
            }
            prompts.add(text.getAsString());
        }
        return prompts;
    }

    /** What one prompt's predictor is asked. */
    private static JsonObject one(JsonObject request, String prompt) {
        JsonObject one = request.deepCopy();
        one.addProperty("prompt", prompt);
        one.addProperty("details", true);
        return one;
    }

    private static int n(JsonObject request) {
        return request.get("n") instanceof JsonPrimitive p && p.isNumber() ? p.getAsInt() : 1;
    }

    private void whole(
            ServedModel model,
            JsonObject request,
            List<String> prompts,
            Head head,
            ServerResponse response) {
        JsonArray choices = new JsonArray();
        Usage usage = new Usage();
        for (String prompt : prompts) {
            Usage counted = new Usage();
            try (Answering answering = model.ask(one(request, prompt))) {
                JsonElement answer = answering.next();
                JsonArray answers = new JsonArray();
                if (answer instanceof JsonArray several) {
                    answers = several;
                } else {
                    answers.add(answer);
                }
                for (JsonElement each : answers) {
                    JsonObject details = each.getAsJsonObject().getAsJsonObject("details");
                    counted.addDetails(details);
                    choices.add(
                            choice(
                                    choices.size(),
                                    Requests.text(each.getAsJsonObject(), "generated_text"),
                                    details));
                }
            }
            usage.addPrompt(counted);
        }
        metrics.count(usage);
        JsonObject json = head.json(choices);
        json.add("usage", usage.json());
        Responses.send(response, json);
    }

    private void stream(
            ServedModel model,
            JsonObject request,
            List<String> prompts,
            Head head,
            ServerResponse response) {
        if (prompts.size() > 1) {
            throw ApiException.badRequest("a stream answers one prompt; there are several");
        }
        boolean withUsage =
                Requests.isTrue(Requests.object(request, "stream_options"), "include_usage");
        boolean echo = Requests.isTrue(request, "echo");
        Usage usage = new Usage();
        try (Answering answering = model.ask(one(request, prompts.getFirst()))) {
            JsonElement first = answering.next();
            try (Responses.Stream out = Responses.Stream.events(response)) {
                for (int i = 0; echo && i < n(request); i++) {
                    out.write(head.chunk(choice(i, prompts.getFirst(), null), withUsage));
                }
                for (JsonElement e = first; e != null; e = answering.next()) {
                    JsonObject piece = e.getAsJsonObject();
                    JsonObject details = piece.getAsJsonObject("details");
                    if (details != null) {
                        usage.addDetails(details);
                    }
                    int index = piece.has("index") ? piece.get("index").getAsInt() : 0;
                    String text = piece.getAsJsonObject("token").get("text").getAsString();
                    out.write(head.chunk(choice(index, text, details), withUsage));
                }
                metrics.count(usage);
                if (withUsage) {
                    JsonObject last = head.json(new JsonArray());
                    last.add("usage", usage.json());
                    out.write(last);
                }
                out.done();
            }
        }
    }

    private static JsonObject choice(int index, String text, JsonObject details) {
        JsonObject choice = new JsonObject();
        choice.addProperty("text", text);
        choice.addProperty("index", index);
        choice.add("logprobs", JsonNull.INSTANCE);
        choice.addProperty("finish_reason", details == null ? null : finishReason(details));
        return choice;
    }

    private static String finishReason(JsonObject details) {
        return switch (Requests.text(details, "finish_reason")) {
            case "eos_token", "stop_sequence" -> "stop";
            case String other -> other;
        };
    }

    /** What all chunks of an answer share. */
    private record Head(String id, String model, long created) {

        Head(String id, String model) {
            this(id, model, System.currentTimeMillis() / 1000);
        }

        JsonObject json(JsonArray choices) {
            JsonObject json = new JsonObject();
            json.addProperty("id", id);
            json.addProperty("object", "text_completion");
            json.addProperty("created", created);
            json.addProperty("model", model);
            json.add("choices", choices);
            return json;
        }

        JsonObject chunk(JsonObject choice, boolean withUsage) {
            JsonArray choices = new JsonArray();
            choices.add(choice);
            JsonObject chunk = json(choices);
            if (withUsage) {
                chunk.add("usage", JsonNull.INSTANCE);
            }
            return chunk;
        }
    }
}
