package io.djlnpu.generate.chat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.djlnpu.generate.chat.ChatMessage.Part;
import io.djlnpu.generate.chat.ChatMessage.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Functions that a model may call. Gemma 3's template knows nothing of them: they are described in
 * the words that the model was trained on, before the first turn.
 *
 * @param functions each with {@code name}, {@code description} and {@code parameters}, a JSON
 *     schema
 */
public record ToolOffer(List<JsonObject> functions) {

    private static final String INSTRUCTIONS =
            """
            You have access to functions. If you decide to invoke any of the function(s), you MUST put it in the format of
            {"name": function name, "parameters": dictionary of argument name and its value}

            You SHOULD NOT include any other text in the response if you call a function
            """;

    /** Copies the list. */
    public ToolOffer {
        functions = List.copyOf(functions);
        for (JsonObject function : functions) {
            if (!function.has("name") || !function.get("name").isJsonPrimitive()) {
                throw new IllegalArgumentException("a function without a name: " + function);
            }
        }
    }

    /**
     * Tells whether there is no function.
     *
     * @return true if nothing is offered
     */
    public boolean isEmpty() {
        return functions.isEmpty();
    }

    /**
     * Tells the model of the functions.
     *
     * @param messages a conversation
     * @return the conversation with the functions in its system message
     */
    public List<ChatMessage> announce(List<ChatMessage> messages) {
        if (functions.isEmpty()) {
            return messages;
        }
        JsonArray list = new JsonArray();
        functions.forEach(list::add);
        String text = INSTRUCTIONS + list;
        List<ChatMessage> told = new ArrayList<>(messages);
        if (!told.isEmpty() && told.getFirst().role().equals("system")) {
            List<Part> parts = new ArrayList<>(told.removeFirst().parts());
            parts.addFirst(new Text(text + "\n\n"));
            told.addFirst(joined(parts));
        } else {
            told.addFirst(ChatMessage.of("system", text));
        }
        return told;
    }

    /** Templates that know system messages of plain words only see one. */
    private static ChatMessage joined(List<Part> parts) {
        ChatMessage system = new ChatMessage("system", parts);
        return system.images() == 0 ? ChatMessage.of("system", system.text()) : system;
    }

    /**
     * Finds the calls of offered functions in an answer.
     *
     * @param answer the model's text
     * @return the calls in order
     */
    public List<ToolCall> calls(String answer) {
        if (functions.isEmpty()) {
            return List.of();
        }
        Set<String> names =
                functions.stream()
                        .map(function -> function.get("name").getAsString())
                        .collect(Collectors.toSet());
        return ToolCall.parse(answer).stream().filter(call -> names.contains(call.name())).toList();
    }
}
