package io.djlnpu.translate;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.generate.Token;
import java.util.UUID;

/** The form of OpenAI's chat completions; streamed as server-sent events. */
final class ChatCompletionFormat implements AnswerFormat {

    private final String model;
    private final String id = "chatcmpl-" + UUID.randomUUID();
    private final long created = System.currentTimeMillis() / 1000;

    ChatCompletionFormat(String model) {
        this.model = model;
    }

    @Override
    public JsonObject whole(TokenStream answer) {
        JsonObject choice = choice("message", message(answer.text()));
        choice.addProperty("finish_reason", answer.finishReason().toString());
        JsonObject json = head("chat.completion", choice);
        json.add("usage", usage(answer));
        return json;
    }

    @Override
    public String piece(TokenStream answer, Token token, boolean last) {
        JsonObject choice = choice("delta", message(token.text()));
        JsonObject json = head("chat.completion.chunk", choice);
        if (!last) {
            choice.add("finish_reason", JsonNull.INSTANCE);
            return "data: " + json + "\n\n";
        }
        choice.addProperty("finish_reason", answer.finishReason().toString());
        json.add("usage", usage(answer));
        return "data: " + json + "\n\ndata: [DONE]\n\n";
    }

    @Override
    public String streamType() {
        return "text/event-stream";
    }

    private JsonObject head(String object, JsonObject choice) {
        JsonObject json = new JsonObject();
        json.addProperty("id", id);
        json.addProperty("object", object);
        json.addProperty("created", created);
        json.addProperty("model", model);
        JsonArray choices = new JsonArray();
        choices.add(choice);
        json.add("choices", choices);
        return json;
    }

    private static JsonObject choice(String name, JsonObject message) {
        JsonObject choice = new JsonObject();
        choice.addProperty("index", 0);
        choice.add(name, message);
        return choice;
    }

    private static JsonObject message(String content) {
        JsonObject message = new JsonObject();
        message.addProperty("role", "assistant");
        message.addProperty("content", content);
        return message;
    }

    private static JsonObject usage(TokenStream answer) {
        JsonObject usage = new JsonObject();
        usage.addProperty("prompt_tokens", answer.promptTokens());
        usage.addProperty("completion_tokens", answer.generatedTokens());
        usage.addProperty("total_tokens", answer.promptTokens() + answer.generatedTokens());
        return usage;
    }
}
