package io.djlnpu.generate.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A function that an answer wants called. Gemma 3 has no tokens for it: told of functions in the
 * prompt, it answers with JSON objects {@code {"name": ..., "parameters": {...}}} in its text,
 * bare, in a list, or in a fenced block. {@code arguments} is understood for {@code parameters}.
 *
 * @param name the function
 * @param arguments its arguments by name
 */
public record ToolCall(String name, JsonObject arguments) {

    /** What stands before a call, or is one's beginning, in families that mark them. */
    private static final List<String> MARKS =
            List.of(
                    "<tool_call>",
                    "<|python_tag|>",
                    "<|python_start|>",
                    "<start_function_call>",
                    "<|tool_call>",
                    "<|tool_call|>",
                    "[TOOL_CALLS]",
                    "call:");

    private static final Pattern PYTHON = Pattern.compile("\\[\\s*[A-Za-z_][\\w.]*\\(");

    private static final Pattern BEGINNING = Pattern.compile("(```\\w*\\s*)?(\\[\\s*)?\\{\\s*\"");

    /**
     * Finds the calls in an answer.
     *
     * @param answer the model's text
     * @return the calls in order; empty if it is an answer in words
     */
    public static List<ToolCall> parse(String answer) {
        List<ToolCall> calls = new ArrayList<>();
        int at = answer.indexOf('{');
        while (at >= 0) {
            int end = endOfObject(answer, at);
            Optional<ToolCall> call = end < 0 ? Optional.empty() : read(answer.substring(at, end));
            call.ifPresent(calls::add);
            // What lies inside a call is its argument; what is no call may still hold one.
            at = answer.indexOf('{', call.isPresent() ? end : at + 1);
        }
        return calls;
    }

    /**
     * Tells whether a text may be, or become, one that begins with a call: an object, a list of
     * them, or a fenced block of either.
     *
     * @param beginning of a text
     * @return false once no continuation makes it a call
     */
    public static boolean mayBegin(String beginning) {
        for (String mark : MARKS) {
            if (!beginning.isEmpty()
                    && (beginning.startsWith(mark) || mark.startsWith(beginning))) {
                return true;
            }
        }
        if (beginning.startsWith("[")) {
            Matcher python = PYTHON.matcher(beginning);
            if (python.lookingAt() || python.hitEnd()) {
                return true;
            }
        }
        if (beginning.isEmpty() || "{[`".indexOf(beginning.charAt(0)) < 0) {
            return false;
        }
        Matcher matcher = BEGINNING.matcher(beginning);
        if (!matcher.lookingAt()) {
            return matcher.hitEnd();
        }
        int object = beginning.indexOf('{');
        int end = endOfObject(beginning, object);
        return end < 0 || !parse(beginning.substring(object, end)).isEmpty();
    }

    static int endOfObject(String text, int from) {
        int depth = 0;
        boolean quoted = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return i + 1;
            }
        }
        return -1;
    }

    private static Optional<ToolCall> read(String json) {
        try {
            if (JsonParser.parseString(json) instanceof JsonObject object
                    && object.get("name") instanceof JsonElement name
                    && name.isJsonPrimitive()
                    && name.getAsJsonPrimitive().isString()) {
                JsonElement arguments =
                        object.has("parameters")
                                ? object.get("parameters")
                                : object.get("arguments");
                if (arguments instanceof JsonObject named) {
                    return Optional.of(new ToolCall(name.getAsString(), named));
                }
            }
            return Optional.empty();
        } catch (JsonParseException | StackOverflowError e) {
            return Optional.empty();
        }
    }
}
