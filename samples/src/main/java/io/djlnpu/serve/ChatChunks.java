package io.djlnpu.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.Set;

/**
 * The chunks of one streamed chat completion, as OpenAI's are: each choice names its role once, and
 * the usage comes in a last chunk without choices, for those who asked for it.
 */
final class ChatChunks {

    private final String model;
    private final boolean withUsage;
    private final Set<Integer> begun = new HashSet<>();
    private final Usage usage = new Usage();
    private JsonObject last = new JsonObject();

    ChatChunks(String model, boolean withUsage) {
        this.model = model;
        this.withUsage = withUsage;
    }

    /** Makes a chunk of what the predictor streams. */
    JsonObject chunk(JsonElement piece) {
        JsonObject chunk = piece.getAsJsonObject();
        chunk.addProperty("model", model);
        if (chunk.remove("usage") instanceof JsonObject counted) {
            usage.add(counted);
        }
        for (JsonElement each : chunk.getAsJsonArray("choices")) {
            JsonObject choice = each.getAsJsonObject();
            if (!begun.add(choice.get("index").getAsInt())) {
                choice.getAsJsonObject("delta").remove("role");
            }
        }
        if (withUsage) {
            chunk.add("usage", JsonNull.INSTANCE);
        }
        last = chunk;
        return chunk;
    }

    /** The chunk after all others. */
    JsonObject usageChunk() {
        JsonObject chunk = new JsonObject();
        for (String name : new String[] {"id", "object", "created"}) {
            chunk.add(name, last.get(name));
        }
        chunk.addProperty("model", model);
        chunk.add("choices", new JsonArray());
        chunk.add("usage", usage.json());
        return chunk;
    }

    Usage usage() {
        return usage;
    }

    /** A whole completion, which names its calls' places only in a stream. */
    static JsonObject whole(JsonElement answer, String model) {
        JsonObject json = answer.getAsJsonObject();
        json.addProperty("model", model);
        for (JsonElement choice : json.getAsJsonArray("choices")) {
            JsonObject message = choice.getAsJsonObject().getAsJsonObject("message");
            Requests.list(message, "tool_calls")
                    .forEach(call -> call.getAsJsonObject().remove("index"));
        }
        return json;
    }
}
