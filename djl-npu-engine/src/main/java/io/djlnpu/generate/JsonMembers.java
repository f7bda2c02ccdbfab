package io.djlnpu.generate;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The members of one JSON object, as slices of its text: a vocabulary of 30 MB is not parsed to
 * look at what stands beside it.
 *
 * <p><b>Errors</b>: {@link IllegalArgumentException} for what is no object, nested too deeply or
 * holds a name twice. A slice's own content is the next reader's to check.
 */
final class JsonMembers {

    private static final int MOST_DEPTH = 64;

    private final byte[] json;
    private final Map<String, int[]> slices = new LinkedHashMap<>();
    private int at;

    /** Finds the members of the object at {@code [from, to)}. */
    JsonMembers(byte[] json, int from, int to) {
        this.json = json;
        at = from;
        skipSpace(to);
        require(at < to && json[at++] == '{', "no JSON object");
        skipSpace(to);
        boolean more = at < to && json[at] != '}';
        while (more) {
            int nameStart = at;
            require(at < to && json[at] == '"', "no name of a member");
            skipText(to);
            String name = name(nameStart, at);
            skipSpace(to);
            require(at < to && json[at++] == ':', "no ':' after a name");
            skipSpace(to);
            int start = at;
            skipValue(to);
            require(slices.put(name, new int[] {start, at}) == null, "'" + name + "' twice");
            skipSpace(to);
            more = at < to && json[at] == ',';
            if (more) {
                at++;
                skipSpace(to);
            }
        }
        require(at < to && json[at++] == '}', "an object without its end");
        skipSpace(to);
        require(at == to, "something after the object");
    }

    JsonMembers(byte[] json) {
        this(json, 0, json.length);
    }

    private static void require(boolean holds, String fault) {
        if (!holds) {
            throw new IllegalArgumentException(fault);
        }
    }

    private String name(int from, int to) {
        try {
            return JsonParser.parseString(text(from, to)).getAsString();
        } catch (JsonParseException e) {
            throw new IllegalArgumentException("a name that is no JSON", e);
        }
    }

    private String text(int from, int to) {
        return new String(json, from, to - from, StandardCharsets.UTF_8);
    }

    private void skipSpace(int to) {
        while (at < to && (json[at] == ' ' || json[at] >= 9 && json[at] <= 13)) {
            at++;
        }
    }

    /** Leaves {@link #at} behind the closing quote. */
    private void skipText(int to) {
        at++;
        while (at < to && json[at] != '"') {
            at += json[at] == '\\' ? 2 : 1;
        }
        require(at < to, "a text without its end");
        at++;
    }

    private void skipValue(int to) {
        int depth = 0;
        int start = at;
        while (at < to) {
            byte c = json[at];
            if (c == '"') {
                skipText(to);
            } else if (c == '{' || c == '[') {
                require(++depth <= MOST_DEPTH, "nested more than " + MOST_DEPTH + " deep");
                at++;
            } else if (c == '}' || c == ']') {
                if (depth == 0) {
                    break;
                }
                depth--;
                at++;
            } else if (c == ',' && depth == 0) {
                break;
            } else {
                at++;
            }
        }
        require(depth == 0 && at > start, "a value without its end");
    }

    int bytes() {
        return json.length;
    }

    /** The text of a member; {@code null} for one that is not there. */
    private String slice(String name) {
        int[] slice = slices.get(name);
        return slice == null ? "null" : text(slice[0], slice[1]);
    }

    /** Writes a member's text, however large, to another. */
    void copy(String name, ByteArrayOutputStream target) {
        int[] slice = slices.get(name);
        target.write(json, slice[0], slice[1] - slice[0]);
    }

    /** Whether a member is there and begins so. */
    boolean begins(String name, char first) {
        int[] slice = slices.get(name);
        return slice != null && json[slice[0]] == first;
    }

    /** A small member, parsed. */
    JsonElement value(String name) {
        try {
            return JsonParser.parseString(slice(name));
        } catch (JsonParseException | StackOverflowError e) {
            throw new IllegalArgumentException("'" + name + "' is no JSON", e);
        }
    }

    /** The members of a member. */
    JsonMembers members(String name) {
        int[] slice = slices.get(name);
        require(slice != null, "no '" + name + "'");
        return new JsonMembers(json, slice[0], slice[1]);
    }

    /** Bytes of the longest text in a member that is an object of names, or a list of texts. */
    int longestText(String name) {
        int[] slice = slices.get(name);
        int longest = 0;
        if (slice != null) {
            at = slice[0];
            while (at < slice[1]) {
                if (json[at] == '"') {
                    int start = at;
                    skipText(slice[1]);
                    longest = Math.max(longest, at - start - 2);
                } else {
                    at++;
                }
            }
        }
        return longest;
    }
}
