package io.djlnpu.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Set;

/** Ollama's requests, written as OpenAI's. */
final class OllamaRequests {

    /** Options that have another name there; others keep theirs. */
    private static final Map<String, String> OPTIONS =
            Map.of("num_predict", "max_tokens", "repeat_penalty", "repetition_penalty");

    /** Of the runner, not of the answer. */
    private static final Set<String> IGNORED =
            Set.of(
                    "num_ctx",
                    "num_keep",
                    "num_batch",
                    "num_gpu",
                    "main_gpu",
                    "num_thread",
                    "use_mmap",
                    "numa",
                    "repeat_last_n",
                    "penalize_newline",
                    "low_vram");

    private OllamaRequests() {}

    static JsonObject chat(JsonObject request) {
        JsonObject chat = common(request);
        JsonArray messages = new JsonArray();
        for (JsonElement message : Requests.list(request, "messages")) {
            messages.add(message(message));
        }
        if (messages.isEmpty()) {
            throw ApiException.badRequest("'messages' is missing or empty");
        }
        chat.add("messages", messages);
        if (!Requests.list(request, "tools").isEmpty()) {
            chat.add("tools", request.get("tools"));
        }
        return chat;
    }

    /** A prompt becomes what a user says, unless it is raw. */
    static JsonObject generate(JsonObject request) {
        JsonObject asked = common(request);
        String prompt = Requests.text(request, "prompt");
        if (prompt == null) {
            throw ApiException.badRequest("'prompt' is missing");
        }
        if (Requests.isTrue(request, "raw")) {
            asked.addProperty("prompt", prompt);
            asked.addProperty("details", true);
            return asked;
        }
        JsonArray messages = new JsonArray();
        if (Requests.text(request, "system") instanceof String system) {
            messages.add(said("system", system));
        }
        JsonObject user = said("user", prompt);
        user.add("images", Requests.list(request, "images"));
        messages.add(message(user));
        asked.add("messages", messages);
        return asked;
    }

    private static JsonObject said(String role, String content) {
        JsonObject message = new JsonObject();
        message.addProperty("role", role);
        message.addProperty("content", content);
        return message;
    }

    private static JsonObject common(JsonObject request) {
        JsonObject asked = new JsonObject();
        asked.addProperty("stream", streams(request));
        for (Entry<String, JsonElement> option : Requests.object(request, "options").entrySet()) {
            if (!IGNORED.contains(option.getKey())) {
                String name = OPTIONS.getOrDefault(option.getKey(), option.getKey());
                asked.add(name, option.getValue());
            }
        }
        if (!Requests.isAbsent(request, "format")) {
            asked.add("response_format", format(request.get("format")));
        }
        return asked;
    }

    /** Unlike OpenAI's, they stream unless told otherwise. */
    static boolean streams(JsonObject request) {
        return Requests.isAbsent(request, "stream") || Requests.isTrue(request, "stream");
    }

    private static JsonElement format(JsonElement format) {
        JsonObject json = new JsonObject();
        if (format instanceof JsonObject schema) {
            JsonObject named = new JsonObject();
            named.addProperty("name", "answer");
            named.add("schema", schema);
            json.addProperty("type", "json_schema");
            json.add("json_schema", named);
        } else if (format.equals(new JsonPrimitive("json"))) {
            json.addProperty("type", "json_object");
        } else if (format.equals(new JsonPrimitive(""))) {
            json.addProperty("type", "text");
        } else {
            throw ApiException.badRequest(
                    "'format' is %s, expected \"json\" or a schema".formatted(format));
        }
        return json;
    }

    /** Pictures stand beside a message there, and are its parts here. */
    private static JsonObject message(JsonElement element) {
        if (!(element instanceof JsonObject said)) {
            throw ApiException.badRequest("'messages' holds " + element + ", expected objects");
        }
        JsonObject message = said.deepCopy();
        JsonArray images = Requests.list(said, "images");
        message.remove("images");
        if (!images.isEmpty()) {
            JsonArray parts = new JsonArray();
            for (JsonElement image : images) {
                if (!(image instanceof JsonPrimitive p && p.isString())) {
                    throw ApiException.badRequest("'images' holds other than Base64");
                }
                JsonObject url = new JsonObject();
                // what it is, its first bytes say
                url.addProperty("url", "data:image/png;base64," + image.getAsString());
                JsonObject part = new JsonObject();
                part.addProperty("type", "image_url");
                part.add("image_url", url);
                parts.add(part);
            }
            JsonObject text = new JsonObject();
            text.addProperty("type", "text");
            text.add("text", said.get("content"));
            parts.add(text);
            message.add("content", parts);
        }
        return message;
    }
}
