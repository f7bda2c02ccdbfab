package io.djlnpu.generate.chat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Functions that a model may call.
 *
 * @param tools each as it was offered, {@code {"type": "function", "function": {"name": ...,
 *     "description": ..., "parameters": schema}}}
 * @param refused why others are not offered, a sentence each
 */
public record ToolOffer(List<JsonObject> tools, List<String> refused) {

    /** No function. */
    public static final ToolOffer NONE = new ToolOffer(List.of(), List.of());

    /** Copies the lists. */
    public ToolOffer {
        tools = List.copyOf(tools);
        refused = List.copyOf(refused);
    }

    /**
     * Reads what a request offers. A tool that cannot be offered is left out with its reason.
     *
     * @param offered the list
     * @return the functions
     */
    public static ToolOffer read(JsonArray offered) {
        List<JsonObject> tools = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (int i = 0; i < offered.size(); i++) {
            String fault = fault(offered.get(i));
            if (fault == null) {
                tools.add(offered.get(i).getAsJsonObject());
            } else {
                refused.add("tools[%d] is not offered: %s".formatted(i, fault));
            }
        }
        return new ToolOffer(tools, refused);
    }

    private static String fault(JsonElement tool) {
        if (!(tool instanceof JsonObject offered)) {
            return "no object";
        }
        if (offered.get("type") instanceof JsonElement type
                && !(type.isJsonPrimitive() && type.getAsString().equals("function"))) {
            return "type " + type + ", expected \"function\"";
        }
        if (!(offered.get("function") instanceof JsonObject function)) {
            return "no object 'function'";
        }
        JsonElement name = function.get("name");
        if (name == null
                || !name.isJsonPrimitive()
                || !name.getAsJsonPrimitive().isString()
                || name.getAsString().isBlank()) {
            return "a function without a name";
        }
        JsonElement parameters = function.get("parameters");
        return parameters == null
                        || parameters instanceof JsonNull
                        || parameters instanceof JsonObject
                ? null
                : "function '%s': 'parameters' is no JSON schema".formatted(name.getAsString());
    }

    /**
     * Returns the functions themselves.
     *
     * @return each with {@code name}, and mostly {@code description} and {@code parameters}
     */
    public List<JsonObject> functions() {
        return tools.stream().map(tool -> tool.getAsJsonObject("function")).toList();
    }

    /**
     * Tells whether there is no function.
     *
     * @return true if nothing is offered
     */
    public boolean isEmpty() {
        return tools.isEmpty();
    }

    private Set<String> names() {
        return functions().stream()
                .map(function -> function.get("name").getAsString())
                .collect(Collectors.toSet());
    }

    /**
     * Finds the calls of offered functions in an answer.
     *
     * @param answer the model's text
     * @return the calls in order, and the words around them
     */
    public ToolCalls read(String answer) {
        Set<String> names = names();
        return names.isEmpty() ? new ToolCalls(answer, List.of()) : ToolCalls.read(answer, names);
    }
}
