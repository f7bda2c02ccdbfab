package io.djlnpu.translate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.djlnpu.generate.chat.ToolOffer;
import io.djlnpu.generate.grammar.OutputGrammar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the form that an answer has to keep to: OpenAI's {@code response_format} and {@code
 * tool_choice}, and {@code grammar} as other servers of text generation spell it.
 */
final class AnswerForm {

    private AnswerForm() {}

    /**
     * Reads {@code {"type": "json_object"}}, {@code {"type": "json_schema", "json_schema":
     * {"schema": ...}}}, {@code {"type": "json", "value": schema}}, {@code {"type": "regex",
     * "value": ...}} or {@code {"type": "text"}}.
     *
     * @throws IllegalArgumentException if it is another, or cannot be guaranteed
     */
    static Optional<OutputGrammar> read(JsonElement value) {
        JsonObject form = value instanceof JsonObject object ? object : new JsonObject();
        String type = form.get("type") instanceof JsonPrimitive name ? name.getAsString() : "";
        boolean freeSpace =
                form.get("whitespace") instanceof JsonPrimitive space
                        && space.getAsString().equals("free");
        return switch (type) {
            case "text" -> Optional.empty();
            case "json_object" ->
                    Optional.of(
                            form.has("value") || form.has("schema")
                                    ? OutputGrammar.jsonSchema(schema(form), freeSpace)
                                    : OutputGrammar.jsonObject());
            case "json_schema", "json" ->
                    Optional.of(OutputGrammar.jsonSchema(schema(form), freeSpace));
            case "regex" -> Optional.of(OutputGrammar.regex(expression(form)));
            case "choice" -> Optional.of(choice(form.get("value")));
            default ->
                    throw new IllegalArgumentException(
                            "response_format "
                                    + value
                                    + ", expected type text, json_object, json_schema, regex or"
                                    + " choice");
        };
    }

    /** Reads vLLM's {@code guided_...} parameters, each of which is a form without a type. */
    static OutputGrammar guided(String kind, JsonElement value) {
        return switch (kind) {
            case "json" -> {
                if (!(value instanceof JsonObject schema)) {
                    throw new IllegalArgumentException(
                            "a schema " + value + ", expected an object");
                }
                yield OutputGrammar.jsonSchema(schema);
            }
            case "json_object" -> OutputGrammar.jsonObject();
            case "regex" -> {
                if (!(value instanceof JsonPrimitive expression)) {
                    throw new IllegalArgumentException("an expression " + value);
                }
                yield OutputGrammar.regex(expression.getAsString());
            }
            case "choice" -> choice(value);
            default ->
                    throw new IllegalArgumentException(
                            "a form by '%s' cannot be held to; json, regex and choice can"
                                    .formatted(kind));
        };
    }

    /** Reads vLLM's {@code structured_outputs}: one form under its kind. */
    static OutputGrammar structured(JsonElement value) {
        if (!(value instanceof JsonObject form) || form.size() != 1) {
            throw new IllegalArgumentException(
                    "structured_outputs %s, expected one of json, regex, choice, json_object"
                            .formatted(value));
        }
        String kind = form.keySet().iterator().next();
        return guided(kind, form.get(kind));
    }

    /** Reads Ollama's {@code format}: the word json, or a schema. */
    static Optional<OutputGrammar> format(JsonElement value) {
        if (value instanceof JsonObject schema) {
            return Optional.of(OutputGrammar.jsonSchema(schema));
        }
        String word = value instanceof JsonPrimitive text ? text.getAsString() : "";
        return switch (word) {
            case "" -> Optional.empty();
            case "json" -> Optional.of(OutputGrammar.jsonObject());
            default ->
                    throw new IllegalArgumentException(
                            "format " + value + ", expected json or a schema");
        };
    }

    private static OutputGrammar choice(JsonElement value) {
        List<String> texts = new ArrayList<>();
        if (value instanceof JsonArray list) {
            for (JsonElement text : list) {
                if (text instanceof JsonPrimitive one && one.isString()) {
                    texts.add(one.getAsString());
                }
            }
            if (texts.size() == list.size() && !texts.isEmpty()) {
                return OutputGrammar.choice(texts);
            }
        }
        throw new IllegalArgumentException("a choice " + value + ", expected a list of texts");
    }

    private static String expression(JsonObject form) {
        if (form.get("value") instanceof JsonPrimitive expression) {
            return expression.getAsString();
        }
        throw new IllegalArgumentException("response_format without a 'value': " + form);
    }

    private static JsonObject schema(JsonObject form) {
        for (String name : new String[] {"json_schema", "value", "schema"}) {
            if (form.get(name) instanceof JsonObject found) {
                return found.get("schema") instanceof JsonObject inner ? inner : found;
            }
        }
        throw new IllegalArgumentException("response_format without a schema: " + form);
    }

    /** The form of a call that the request insists on; empty if it leaves it to the model. */
    static Optional<OutputGrammar> ofCall(JsonObject request, ToolOffer tools) {
        JsonElement choice = request.get("tool_choice");
        if (tools.isEmpty() || choice == null || choice.isJsonNull()) {
            return Optional.empty();
        }
        String wanted = null;
        if (choice instanceof JsonObject named) {
            if (!(named.get("function") instanceof JsonObject function)
                    || !(function.get("name") instanceof JsonPrimitive name)) {
                throw new IllegalArgumentException(
                        "tool_choice %s, expected none, auto, required, or an object with 'function' and its 'name'"
                                .formatted(choice));
            }
            wanted = name.getAsString();
        } else if (!(choice instanceof JsonPrimitive word)
                || !word.getAsString().equals("required")) {
            return Optional.empty();
        }
        JsonArray calls = new JsonArray();
        for (JsonObject function : tools.functions()) {
            if (wanted == null || function.get("name").getAsString().equals(wanted)) {
                calls.add(callSchema(function));
            }
        }
        if (calls.isEmpty()) {
            throw new IllegalArgumentException("tool_choice names no offered function: " + choice);
        }
        JsonObject schema = new JsonObject();
        schema.add("anyOf", calls);
        return Optional.of(OutputGrammar.jsonSchema(schema));
    }

    private static JsonObject callSchema(JsonObject function) {
        JsonObject name = new JsonObject();
        name.add("const", function.get("name"));
        JsonObject properties = new JsonObject();
        properties.add("name", name);
        JsonElement parameters = function.get("parameters");
        JsonObject any = new JsonObject();
        any.addProperty("type", "object");
        properties.add("parameters", parameters instanceof JsonObject ? parameters : any);
        JsonArray required = new JsonArray();
        properties.keySet().forEach(required::add);
        JsonObject schema = new JsonObject();
        schema.addProperty("type", "object");
        schema.add("properties", properties);
        schema.add("required", required);
        return schema;
    }
}
