package io.djlnpu.generate.chat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an answer holds: calls, in whichever family's syntax, and the words around them.
 *
 * <ul>
 *   <li>JSON, {@code {"name": ..., "parameters" or "arguments": {...}}}, bare, in a list, in a
 *       fence, in {@code <tool_call>}, behind {@code <|python_tag|>} or {@code [TOOL_CALLS]}
 *   <li>Mistral's later form, {@code [TOOL_CALLS]name[ARGS]{...}}
 *   <li>Python, {@code [name(argument="value"), other()]}, as Llama 3.2 and 4 write it
 *   <li>Gemma's, {@code call:name{argument:<escape>value<escape>}}, between its own tokens
 * </ul>
 *
 * @param words the text without the calls and what wraps them
 * @param calls the calls of known functions, in order
 */
public record ToolCalls(String words, List<ToolCall> calls) {

    private static final String MARKS =
            "```\\w*|</?tool_call>|<\\|python_tag\\|>|<\\|python_(?:start|end)\\|>|\\[/?TOOL_CALLS\\]"
                    + "|<start_function_call>|<end_function_call>|<start_function_response>"
                    + "|<\\|tool_call>|<tool_call\\|>|<\\|/?tool_call\\|>|[\\[\\],;]";
    private static final Pattern MARKS_BEFORE = Pattern.compile("(?:(?:" + MARKS + ")\\s*+)+$");
    private static final Pattern MARKS_AFTER = Pattern.compile("^\\s*+(?:(?:" + MARKS + ")\\s*+)*");
    private static final Pattern CALL = Pattern.compile("\\bcall:\\s*([\\w.-]+)\\s*\\{");
    private static final Pattern NAMED =
            Pattern.compile("\\[TOOL_CALLS\\]\\s*([\\w.-]+)(?:\\[ARGS\\])?\\s*");
    private static final Pattern PYTHON = Pattern.compile("\\[\\s*([A-Za-z_][\\w.]*)\\(");

    /** Copies the list. */
    public ToolCalls {
        calls = List.copyOf(calls);
    }

    /**
     * Reads an answer.
     *
     * @param answer the model's text
     * @param names the functions that were offered
     * @return its calls and words
     */
    static ToolCalls read(String answer, Set<String> names) {
        List<ToolCall> calls = new ArrayList<>();
        StringBuilder words = new StringBuilder();
        int at = 0;
        int from = 0;
        while (at < answer.length()) {
            Reader reader = new Reader(answer, at, names);
            if (!reader.read()) {
                at++;
                continue;
            }
            String before = answer.substring(from, at);
            if (!calls.isEmpty()) {
                before = MARKS_AFTER.matcher(before).replaceFirst("");
            }
            words.append(MARKS_BEFORE.matcher(before).replaceFirst(""));
            calls.addAll(reader.calls);
            at = reader.at;
            from = at;
        }
        String rest = answer.substring(from);
        words.append(calls.isEmpty() ? rest : MARKS_AFTER.matcher(rest).replaceFirst(""));
        return new ToolCalls(words.toString(), calls);
    }

    /** Reads calls that begin at a place. */
    private static final class Reader {
        private final String text;
        private final Set<String> names;
        private final List<ToolCall> calls = new ArrayList<>();
        private int at;

        Reader(String text, int at, Set<String> names) {
            this.text = text;
            this.at = at;
            this.names = names;
        }

        boolean read() {
            int start = at;
            try {
                boolean found =
                        switch (text.charAt(at)) {
                            case '{' -> json();
                            case 'c' -> gemma();
                            case '[' -> mistral() || python();
                            default -> false;
                        };
                if (found) {
                    return true;
                }
            } catch (JsonParseException
                    | IllegalStateException
                    | NumberFormatException
                    | StackOverflowError e) {
                calls.clear();
            }
            at = start;
            return false;
        }

        private boolean json() {
            int end = ToolCall.endOfObject(text, at);
            if (end < 0
                    || !(JsonParser.parseString(text.substring(at, end)) instanceof JsonObject o)
                    || !(o.get("name") instanceof JsonPrimitive name)
                    || !names.contains(name.getAsString())) {
                return false;
            }
            JsonElement arguments = o.has("parameters") ? o.get("parameters") : o.get("arguments");
            if (arguments instanceof JsonPrimitive written && written.isString()) {
                arguments = JsonParser.parseString(written.getAsString());
            }
            if (arguments != null && !arguments.isJsonObject() && !arguments.isJsonNull()) {
                return false;
            }
            return call(
                    name.getAsString(),
                    arguments instanceof JsonObject object ? object : new JsonObject(),
                    end);
        }

        private boolean call(String name, JsonObject arguments, int end) {
            at = end;
            calls.add(new ToolCall(name, arguments));
            return true;
        }

        private boolean mistral() {
            Matcher named = NAMED.matcher(text).region(at, text.length());
            if (!named.lookingAt() || !names.contains(named.group(1))) {
                return false;
            }
            int end = ToolCall.endOfObject(text, named.end());
            return end >= 0
                    && text.charAt(named.end()) == '{'
                    && call(
                            named.group(1),
                            JsonParser.parseString(text.substring(named.end(), end))
                                    .getAsJsonObject(),
                            end);
        }

        private boolean python() {
            Matcher first = PYTHON.matcher(text).region(at, text.length());
            if (!first.lookingAt() || !names.contains(first.group(1))) {
                return false;
            }
            at++;
            do {
                String name = word();
                JsonObject arguments = new JsonObject();
                expect('(');
                while (!skips(')')) {
                    String argument = word();
                    expect('=');
                    arguments.add(argument, value(false));
                    skips(',');
                }
                if (names.contains(name)) {
                    calls.add(new ToolCall(name, arguments));
                }
            } while (skips(','));
            expect(']');
            return true;
        }

        private boolean gemma() {
            Matcher call = CALL.matcher(text).region(at, text.length());
            if (!call.useTransparentBounds(true).lookingAt() || !names.contains(call.group(1))) {
                return false;
            }
            at = call.end();
            JsonObject arguments = (JsonObject) object(true);
            calls.add(new ToolCall(call.group(1), arguments));
            return true;
        }

        private char peek() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return at < text.length() ? text.charAt(at) : '\0';
        }

        private boolean skips(char c) {
            boolean found = peek() == c;
            at += found ? 1 : 0;
            return found;
        }

        private void expect(char c) {
            if (!skips(c)) {
                throw new IllegalStateException("expected " + c);
            }
        }

        private String word() {
            peek();
            int start = at;
            while (at < text.length()
                    && (Character.isLetterOrDigit(text.charAt(at))
                            || "_.-".indexOf(text.charAt(at)) >= 0)) {
                at++;
            }
            if (at == start) {
                throw new IllegalStateException("expected a name");
            }
            return text.substring(start, at);
        }

        /** Reads the inside of braces and the closing one. */
        private JsonElement object(boolean gemma) {
            JsonObject object = new JsonObject();
            while (!skips('}')) {
                JsonElement key = isQuoted() ? value(gemma) : new JsonPrimitive(word());
                expect(':');
                object.add(key.getAsString(), value(gemma));
                skips(',');
            }
            return object;
        }

        private boolean isQuoted() {
            char c = peek();
            return c == '"'
                    || c == '\''
                    || text.startsWith("<escape>", at)
                    || text.startsWith("<|\"|>", at);
        }

        private JsonElement value(boolean gemma) {
            char c = peek();
            if (skips('{')) {
                return object(gemma);
            }
            if (c == '[' || c == '(') {
                at++;
                JsonArray list = new JsonArray();
                char end = c == '[' ? ']' : ')';
                while (!skips(end)) {
                    list.add(value(gemma));
                    skips(',');
                }
                return list;
            }
            for (String escape : new String[] {"<escape>", "<|\"|>"}) {
                if (text.startsWith(escape, at)) {
                    int end = text.indexOf(escape, at + escape.length());
                    if (end < 0) {
                        throw new IllegalStateException("a text without its end");
                    }
                    String inside = text.substring(at + escape.length(), end);
                    at = end + escape.length();
                    return new JsonPrimitive(inside);
                }
            }
            return c == '"' || c == '\'' ? quoted(c) : plain(gemma);
        }

        private JsonElement quoted(char mark) {
            StringBuilder inside = new StringBuilder();
            for (at++; at < text.length() && text.charAt(at) != mark; at++) {
                char c = text.charAt(at);
                if (c == '\\' && at + 1 < text.length()) {
                    char escaped = text.charAt(++at);
                    int known = "ntr".indexOf(escaped);
                    inside.append(known < 0 ? escaped : "\n\t\r".charAt(known));
                } else {
                    inside.append(c);
                }
            }
            expect(mark);
            return new JsonPrimitive(inside.toString());
        }

        /** A number, a truth, nothing; or, between Gemma's braces, a text without its marks. */
        private JsonElement plain(boolean gemma) {
            int start = at;
            while (at < text.length() && ",)]}".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(start, at).strip();
            return switch (word) {
                case "true", "True" -> new JsonPrimitive(true);
                case "false", "False" -> new JsonPrimitive(false);
                case "null", "None" -> JsonNull.INSTANCE;
                default -> {
                    boolean number =
                            word.length() < 400
                                    && word.matches("[+-]?\\d+(\\.\\d+)?([eE][+-]?\\d{1,4})?");
                    if (!number && !gemma) {
                        throw new IllegalStateException("no value: " + word);
                    }
                    yield number
                            ? new JsonPrimitive(new BigDecimal(word))
                            : new JsonPrimitive(word);
                }
            };
        }
    }
}
