package io.djlnpu.translate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatMessage.Image;
import io.djlnpu.generate.chat.ChatMessage.Part;
import io.djlnpu.generate.chat.ChatMessage.Text;
import io.djlnpu.generate.chat.ToolOffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads {@code messages} and {@code tools} of an OpenAI request. A part of a message is words or a
 * picture. What a function returned (role {@code tool}) is told to the model by the user, as its
 * template knows no such role.
 */
final class ChatMessages {

    private ChatMessages() {}

    /**
     * Reads the conversation.
     *
     * @param pictures receives the parts that are pictures, in order
     */
    static List<ChatMessage> read(JsonElement list, Consumer<JsonObject> pictures) {
        List<ChatMessage> messages = new ArrayList<>();
        try {
            for (JsonElement element : list.getAsJsonArray()) {
                JsonObject message = element.getAsJsonObject();
                String role = message.get("role").getAsString();
                if (role.equals("tool") || role.equals("function")) {
                    addToUser(messages, toolOutput(message, pictures));
                } else {
                    messages.add(new ChatMessage(role, parts(message, pictures)));
                }
            }
        } catch (IllegalStateException | NullPointerException | UnsupportedOperationException e) {
            throw new IllegalArgumentException(
                    "'messages' is not a list of objects with 'role' and 'content'", e);
        }
        return messages;
    }

    private static List<Part> parts(JsonObject message, Consumer<JsonObject> pictures) {
        List<Part> parts = new ArrayList<>();
        JsonElement content = message.get("content");
        if (content instanceof JsonArray list) {
            list.forEach(part -> parts.add(part(part.getAsJsonObject(), pictures)));
        } else if (!isAbsent(content)) {
            parts.add(new Text(content.getAsString()));
        }
        if (!isAbsent(message.get("tool_calls"))) {
            parts.add(new Text(calls(message.getAsJsonArray("tool_calls"))));
        } else if (isAbsent(content)) {
            throw new IllegalArgumentException("a message without content: " + message);
        }
        return parts;
    }

    private static Part part(JsonObject part, Consumer<JsonObject> pictures) {
        JsonElement text = part.get("text");
        if (text != null) {
            return new Text(text.getAsString());
        }
        if (PictureReader.holdsPicture(part)) {
            pictures.accept(part);
            return new Image();
        }
        throw new IllegalArgumentException(
                "a message part with neither 'text' nor 'image_url': " + part);
    }

    /** Calls as the model itself writes them. */
    private static String calls(JsonArray calls) {
        StringBuilder text = new StringBuilder();
        for (JsonElement call : calls) {
            JsonObject function = call.getAsJsonObject().getAsJsonObject("function");
            String name = function.get("name").getAsString();
            text.append(text.isEmpty() ? "" : "\n")
                    .append("{\"name\": \"%s\", \"parameters\": ".formatted(name))
                    .append(function.get("arguments").getAsString())
                    .append('}');
        }
        return text.toString();
    }

    private static ChatMessage toolOutput(JsonObject message, Consumer<JsonObject> pictures) {
        ChatMessage output = new ChatMessage("user", parts(message, pictures));
        return ChatMessage.shown(
                "user", output.images(), "```tool_output\n" + output.text() + "\n```");
    }

    /** Several results of one turn, and what the user adds, are one turn of the user. */
    private static void addToUser(List<ChatMessage> messages, ChatMessage output) {
        if (messages.isEmpty() || !messages.getLast().role().equals("user")) {
            messages.add(output);
            return;
        }
        ChatMessage before = messages.removeLast();
        messages.add(
                ChatMessage.shown(
                        "user",
                        before.images() + output.images(),
                        before.text() + "\n" + output.text()));
    }

    /** Reads the functions that the request offers, unless it forbids calls. */
    static ToolOffer tools(JsonObject request) {
        JsonElement tools = request.get("tools");
        boolean forbidden =
                request.get("tool_choice") instanceof JsonElement choice
                        && choice.isJsonPrimitive()
                        && choice.getAsString().equals("none");
        if (isAbsent(tools) || forbidden) {
            return new ToolOffer(List.of());
        }
        List<JsonObject> functions = new ArrayList<>();
        try {
            for (JsonElement tool : tools.getAsJsonArray()) {
                functions.add(tool.getAsJsonObject().get("function").getAsJsonObject());
            }
        } catch (IllegalStateException | NullPointerException e) {
            throw new IllegalArgumentException(
                    "'tools' is not a list of objects with 'function'", e);
        }
        return new ToolOffer(functions);
    }

    private static boolean isAbsent(JsonElement value) {
        return value == null || value.isJsonNull();
    }
}
