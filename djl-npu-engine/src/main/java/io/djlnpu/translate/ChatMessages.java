package io.djlnpu.translate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
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
 * template knows no such role; a {@code developer} is a {@code system}. Messages of one side after
 * each other are one turn, since turns have to alternate.
 */
final class ChatMessages {

    private ChatMessages() {}

    /**
     * Reads the conversation.
     *
     * @param pictures receives the parts that are pictures, in order
     * @throws IllegalArgumentException naming the message that cannot be read
     */
    static List<ChatMessage> read(JsonElement list, Consumer<JsonObject> pictures) {
        if (!(list instanceof JsonArray array) || array.isEmpty()) {
            throw new IllegalArgumentException(
                    "'messages' is no list of at least one object with 'role' and 'content'");
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            addTurn(messages, read(array.get(i), i, pictures));
        }
        return messages;
    }

    private static ChatMessage read(JsonElement element, int index, Consumer<JsonObject> pictures) {
        if (!(element instanceof JsonObject message)
                || !(message.get("role") instanceof JsonPrimitive role)) {
            throw new IllegalArgumentException(
                    "messages[%d] is no object with 'role' and 'content'".formatted(index));
        }
        try {
            List<Part> parts = parts(message, pictures);
            return switch (role.getAsString()) {
                case "tool", "function" -> toolOutput(parts);
                case "developer" -> new ChatMessage("system", parts);
                default -> new ChatMessage(role.getAsString(), parts);
            };
        } catch (IllegalStateException
                | NullPointerException
                | ClassCastException
                | UnsupportedOperationException e) {
            throw unreadable(index, role, "not of the form that OpenAI's messages have", e);
        } catch (IllegalArgumentException e) {
            throw unreadable(index, role, e.getMessage(), e);
        }
    }

    private static IllegalArgumentException unreadable(
            int index, JsonPrimitive role, String why, RuntimeException cause) {
        return new IllegalArgumentException(
                "messages[%d], role '%s': %s".formatted(index, role.getAsString(), why), cause);
    }

    private static void addTurn(List<ChatMessage> messages, ChatMessage message) {
        boolean goesOn = !messages.isEmpty() && messages.getLast().role().equals(message.role());
        String between = message.role().equals("system") ? "\n\n" : "\n";
        messages.add(
                goesOn
                        ? messages.removeLast()
                                .followedBy(List.of(new Text(between)))
                                .followedBy(message.parts())
                        : message);
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
            throw new IllegalArgumentException("without content");
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
                    .append(arguments(function.get("arguments")))
                    .append('}');
        }
        return text.toString();
    }

    /** OpenAI's are a text that holds JSON; others send the object itself. */
    private static String arguments(JsonElement arguments) {
        if (isAbsent(arguments)) {
            return "{}";
        }
        return arguments.isJsonPrimitive() ? arguments.getAsString() : arguments.toString();
    }

    private static ChatMessage toolOutput(List<Part> parts) {
        return ChatMessage.of("user", "```tool_output\n")
                .followedBy(parts)
                .followedBy(List.of(new Text("\n```")));
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
