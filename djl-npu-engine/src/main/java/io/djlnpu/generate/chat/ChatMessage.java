package io.djlnpu.generate.chat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One message of a conversation.
 *
 * @param role {@code system}, {@code user}, {@code assistant} or {@code tool}; templates know more
 * @param parts texts and pictures in order
 * @param json what a template sees: {@code role}, {@code content}, and whatever else the message
 *     carries, such as {@code tool_calls}; not to be changed
 */
public record ChatMessage(String role, List<Part> parts, JsonObject json) {

    /** A piece of a message. */
    public sealed interface Part {}

    /**
     * Words.
     *
     * @param text the words
     */
    public record Text(String text) implements Part {}

    /**
     * The place of a picture. The pictures themselves travel beside the messages, in this order.
     */
    public record Image() implements Part {}

    /** Copies the parts. */
    public ChatMessage {
        parts = List.copyOf(parts);
    }

    /**
     * Makes a message that carries nothing else.
     *
     * @param role who says it
     * @param parts texts and pictures in order
     */
    public ChatMessage(String role, List<Part> parts) {
        this(role, parts, json(role, parts));
    }

    /**
     * Makes a message of words alone.
     *
     * @param role who says it
     * @param text what is said
     * @return the message
     */
    public static ChatMessage of(String role, String text) {
        return new ChatMessage(role, List.of(new Text(text)));
    }

    /**
     * Makes a message of pictures and what is said below them.
     *
     * @param role who says it
     * @param pictures how many
     * @param text what is said
     * @return the message
     */
    public static ChatMessage shown(String role, int pictures, String text) {
        List<Part> parts = new ArrayList<>(Collections.nCopies(pictures, new Image()));
        parts.add(new Text(text));
        return new ChatMessage(role, parts);
    }

    /** Words alone are a text; anything else is a list of parts. */
    private static JsonObject json(String role, List<Part> parts) {
        JsonObject json = new JsonObject();
        json.addProperty("role", role);
        if (parts.size() == 1 && parts.getFirst() instanceof Text words) {
            json.addProperty("content", words.text());
        } else if (parts.isEmpty()) {
            json.addProperty("content", "");
        } else {
            JsonArray content = new JsonArray();
            parts.forEach(part -> content.add(json(part)));
            json.add("content", content);
        }
        return json;
    }

    private static JsonObject json(Part part) {
        JsonObject json = new JsonObject();
        switch (part) {
            case Text words -> {
                json.addProperty("type", "text");
                json.addProperty("text", words.text());
            }
            case Image picture -> json.addProperty("type", "image");
        }
        return json;
    }

    /**
     * Gives a field another value, or adds it.
     *
     * @param name the field of {@link #json}
     * @param value what it holds
     * @return the message with it
     */
    ChatMessage with(String name, JsonElement value) {
        JsonObject changed = json.deepCopy();
        changed.add(name, value);
        return new ChatMessage(name.equals("role") ? value.getAsString() : role, parts, changed);
    }

    /**
     * Says more in the same turn.
     *
     * @param more what comes behind this message's own parts
     * @return a message of the same role; words that meet are one part
     */
    public ChatMessage followedBy(List<Part> more) {
        List<Part> joined = new ArrayList<>(parts);
        for (Part part : more) {
            if (part instanceof Text words
                    && !joined.isEmpty()
                    && joined.getLast() instanceof Text before) {
                joined.removeLast();
                joined.add(new Text(before.text() + words.text()));
            } else {
                joined.add(part);
            }
        }
        return new ChatMessage(role, joined);
    }

    /**
     * Returns the words.
     *
     * @return all texts together
     */
    public String text() {
        return parts.stream()
                .map(part -> part instanceof Text words ? words.text() : "")
                .collect(Collectors.joining());
    }

    /**
     * Counts the pictures.
     *
     * @return the number of picture parts
     */
    public int images() {
        return (int) parts.stream().filter(Image.class::isInstance).count();
    }
}
