package io.djlnpu.translate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatMessage.Image;
import io.djlnpu.generate.chat.ChatMessage.Part;
import io.djlnpu.generate.chat.ChatMessage.Text;
import io.djlnpu.generate.chat.Conversation;
import io.djlnpu.generate.chat.ToolOffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads the conversation of an OpenAI request: {@code messages}, {@code tools}, and what vLLM adds
 * for templates, {@code documents}, {@code chat_template_kwargs}, {@code add_generation_prompt} and
 * {@code continue_final_message}. A template sees messages as they were sent, but for pictures,
 * which are only places in it, and the arguments of calls, which are objects there.
 */
final class ChatMessages {

    private ChatMessages() {}

    /**
     * Reads all of it.
     *
     * @param request the request, with {@code list} or something else as its messages
     * @param pictures receives the parts that are pictures, in order
     * @throws IllegalArgumentException naming what cannot be read
     */
    static Conversation conversation(
            JsonObject request, JsonElement list, ToolOffer tools, Consumer<JsonObject> pictures) {
        boolean continued = truth(request, "continue_final_message", false);
        return new Conversation(
                read(list, pictures),
                tools,
                request.get("documents") instanceof JsonArray documents
                        ? documents
                        : JsonNull.INSTANCE,
                keywords(request),
                request.get("chat_template") instanceof JsonPrimitive name
                        ? name.getAsString()
                        : null,
                truth(request, "add_generation_prompt", !continued),
                continued);
    }

    private static JsonObject keywords(JsonObject request) {
        JsonElement keywords = request.get("chat_template_kwargs");
        if (isAbsent(keywords)) {
            return new JsonObject();
        }
        if (!(keywords instanceof JsonObject object)) {
            throw new IllegalArgumentException("'chat_template_kwargs' is no object: " + keywords);
        }
        return object;
    }

    private static boolean truth(JsonObject request, String name, boolean absent) {
        JsonElement value = request.get(name);
        if (isAbsent(value)) {
            return absent;
        }
        if (value instanceof JsonPrimitive primitive && primitive.isBoolean()) {
            return primitive.getAsBoolean();
        }
        throw new IllegalArgumentException(
                "'%s' is %s, expected true or false".formatted(name, value));
    }

    /**
     * Reads the messages.
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
            messages.add(read(array.get(i), i, pictures));
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
            JsonObject seen = message.deepCopy();
            List<Part> parts = parts(seen, pictures);
            return new ChatMessage(role.getAsString(), parts, seen);
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

    /** Takes the parts from a message, and makes it what a template sees. */
    private static List<Part> parts(JsonObject message, Consumer<JsonObject> pictures) {
        List<Part> parts = new ArrayList<>();
        JsonElement content = message.get("content");
        if (content instanceof JsonArray list) {
            for (int i = 0; i < list.size(); i++) {
                Part part = part(list.get(i).getAsJsonObject(), pictures);
                parts.add(part);
                if (part instanceof Image) {
                    JsonObject place = new JsonObject();
                    place.addProperty("type", "image");
                    list.set(i, place);
                }
            }
        } else if (!isAbsent(content)) {
            parts.add(new Text(content.getAsString()));
        }
        if (!isAbsent(message.get("tool_calls"))) {
            message.getAsJsonArray("tool_calls").forEach(ChatMessages::readArguments);
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

    /** OpenAI's arguments are a text that holds JSON, where templates want the object. */
    private static void readArguments(JsonElement call) {
        JsonObject function = call.getAsJsonObject().getAsJsonObject("function");
        if (!(function.get("name") instanceof JsonPrimitive)) {
            throw new IllegalArgumentException("a tool call without the function's name");
        }
        JsonElement arguments = function.get("arguments");
        if (isAbsent(arguments)) {
            function.add("arguments", new JsonObject());
        } else if (arguments.isJsonPrimitive()) {
            String text = arguments.getAsString();
            function.add("arguments", text.isBlank() ? new JsonObject() : parsed(text, arguments));
        }
    }

    private static JsonElement parsed(String text, JsonElement otherwise) {
        try {
            return JsonParser.parseString(text) instanceof JsonObject object ? object : otherwise;
        } catch (JsonParseException | StackOverflowError e) {
            return otherwise;
        }
    }

    /**
     * Reads the functions that the request offers, unless it forbids calls.
     *
     * @throws IllegalArgumentException if {@code tools} is no list, or {@code tool_choice} is none
     *     of {@code auto}, {@code none}, {@code required} and an offered function
     */
    static ToolOffer tools(JsonObject request) {
        JsonElement tools = request.get("tools");
        if (!isAbsent(tools) && !tools.isJsonArray()) {
            throw new IllegalArgumentException("'tools' is not a list of objects with 'function'");
        }
        ToolOffer offer = isAbsent(tools) ? ToolOffer.NONE : ToolOffer.read(tools.getAsJsonArray());
        return isCalled(request.get("tool_choice"), offer)
                ? offer
                : new ToolOffer(List.of(), offer.refused());
    }

    /** Checks the choice; false if it forbids calls. */
    private static boolean isCalled(JsonElement choice, ToolOffer offer) {
        if (isAbsent(choice)) {
            return true;
        }
        if (choice instanceof JsonPrimitive word) {
            switch (word.getAsString()) {
                case "none" -> {
                    return false;
                }
                case "auto" -> {
                    return true;
                }
                case "required" -> {
                    if (offer.isEmpty()) {
                        throw new IllegalArgumentException(
                                "tool_choice 'required' without a function to call"
                                        + reasons(offer));
                    }
                    return true;
                }
                default -> {}
            }
        }
        if (choice instanceof JsonObject named
                && named.get("function") instanceof JsonObject function
                && function.get("name") instanceof JsonPrimitive name) {
            if (offer.functions().stream().noneMatch(f -> f.get("name").equals(name))) {
                throw new IllegalArgumentException(
                        "tool_choice names no offered function: " + choice + reasons(offer));
            }
            return true;
        }
        throw new IllegalArgumentException(
                "tool_choice %s, expected none, auto, required, or an object with 'function' and its 'name'"
                        .formatted(choice));
    }

    private static String reasons(ToolOffer offer) {
        return offer.refused().isEmpty() ? "" : "; " + String.join("; ", offer.refused());
    }

    private static boolean isAbsent(JsonElement value) {
        return value == null || value.isJsonNull();
    }
}
