package io.djlnpu.generate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.djlnpu.generate.TokenizerFile.UnsupportedKindException;
import java.util.List;

/**
 * The normalizers, pre-tokenizers and decoders that tokenizers of the supported families are made
 * of. Each is written anew with its own fields. Together they may make a text longer by a factor of
 * {@value #MOST_GROWTH} at most.
 */
final class TokenizerParts {

    private static final int MOST_GROWTH = 64;
    private static final int MOST_PARTS = 64;
    private static final int LONGEST_CONTENT = 32;

    /** The longest compatibility decomposition of one character. */
    private static final int DECOMPOSED = 18;

    private static final List<String> BEHAVIOURS =
            List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");

    private long growth = 1;
    private int parts;

    JsonElement normalizer(JsonElement json) {
        if (json.isJsonNull()) {
            return json;
        }
        JsonObject part = json.getAsJsonObject();
        JsonObject kept = kept(part);
        switch (type(part)) {
            case "Sequence" -> {
                JsonArray all = new JsonArray();
                list(part, "normalizers").forEach(each -> all.add(normalizer(each)));
                kept.add("normalizers", all);
            }
            case "Replace" -> replace(part, kept, true);
            case "Prepend" -> kept.addProperty("prepend", content(part, "prepend", 1));
            case "NFC", "NFD" -> grow(3);
            case "NFKC", "NFKD" -> grow(DECOMPOSED);
            case "Lowercase" -> grow(2);
            case "StripAccents" -> {}
            case "ByteLevel" -> grow(2);
            case "Strip" -> {
                copyTruth(part, kept, "strip_left");
                copyTruth(part, kept, "strip_right");
            }
            default -> throw unsupported("normalizer", part);
        }
        return kept;
    }

    JsonElement preTokenizer(JsonElement json) {
        if (json.isJsonNull()) {
            return json;
        }
        JsonObject part = json.getAsJsonObject();
        JsonObject kept = kept(part);
        switch (type(part)) {
            case "Sequence" -> {
                JsonArray all = new JsonArray();
                list(part, "pretokenizers").forEach(each -> all.add(preTokenizer(each)));
                kept.add("pretokenizers", all);
            }
            case "ByteLevel" -> byteLevel(part, kept);
            case "Split" -> {
                kept.add("pattern", pattern(part, true));
                kept.addProperty("behavior", oneOf(part, "behavior", BEHAVIOURS));
                copyTruth(part, kept, "invert");
            }
            case "Punctuation" -> kept.addProperty("behavior", oneOf(part, "behavior", BEHAVIOURS));
            case "Metaspace" -> metaspace(part, kept);
            case "Digits" -> copyTruth(part, kept, "individual_digits");
            case "Whitespace", "WhitespaceSplit", "BertPreTokenizer" -> {}
            default -> throw unsupported("pre_tokenizer", part);
        }
        return kept;
    }

    JsonElement decoder(JsonElement json) {
        if (json.isJsonNull()) {
            return json;
        }
        JsonObject part = json.getAsJsonObject();
        JsonObject kept = kept(part);
        switch (type(part)) {
            case "Sequence" -> {
                JsonArray all = new JsonArray();
                list(part, "decoders").forEach(each -> all.add(decoder(each)));
                kept.add("decoders", all);
            }
            case "Replace" -> replace(part, kept, false);
            case "ByteFallback", "Fuse" -> {}
            case "ByteLevel" -> byteLevel(part, kept);
            case "Metaspace" -> metaspace(part, kept);
            case "Strip" -> { // a cut at both ends can cross itself, which the library does not
                // hear
                kept.addProperty("content", character(part, "content"));
                kept.addProperty("start", Numbers.whole("start", part.get("start"), 0, 1));
                kept.addProperty("stop", Numbers.whole("stop", part.get("stop"), 0, 0));
            }
            default -> throw unsupported("decoder", part);
        }
        return kept;
    }

    private JsonObject kept(JsonObject part) {
        if (++parts > MOST_PARTS) {
            throw new IllegalArgumentException("more than %d parts".formatted(MOST_PARTS));
        }
        JsonObject kept = new JsonObject();
        kept.addProperty("type", type(part));
        return kept;
    }

    private static String type(JsonObject part) {
        return part.has("type") ? part.get("type").getAsString() : "";
    }

    private static UnsupportedKindException unsupported(String what, JsonObject part) {
        return new UnsupportedKindException("%s of type '%s'".formatted(what, type(part)));
    }

    private static JsonArray list(JsonObject part, String name) {
        if (part.get(name) instanceof JsonArray list) {
            return list;
        }
        throw new IllegalArgumentException("no list '%s'".formatted(name));
    }

    private void grow(long factor) {
        growth *= Math.max(1, factor);
        if (growth > MOST_GROWTH) {
            throw new IllegalArgumentException(
                    "parts that make a text more than %d times as long".formatted(MOST_GROWTH));
        }
    }

    private void byteLevel(JsonObject part, JsonObject kept) {
        grow(2);
        for (String flag : List.of("add_prefix_space", "trim_offsets", "use_regex")) {
            copyTruth(part, kept, flag, true);
        }
    }

    private void metaspace(JsonObject part, JsonObject kept) {
        grow(4);
        kept.addProperty("replacement", character(part, "replacement"));
        if (part.has("prepend_scheme")) {
            kept.addProperty(
                    "prepend_scheme",
                    oneOf(part, "prepend_scheme", List.of("first", "never", "always")));
        }
        if (part.has("add_prefix_space")) {
            copyTruth(part, kept, "add_prefix_space");
        }
        if (part.has("split")) {
            copyTruth(part, kept, "split");
        }
    }

    private void replace(JsonObject part, JsonObject kept, boolean expressions) {
        JsonObject pattern = pattern(part, expressions);
        int least = pattern.has("String") ? pattern.get("String").getAsString().length() : 1;
        kept.add("pattern", pattern);
        kept.addProperty("content", content(part, "content", least));
    }

    private String content(JsonObject part, String name, int replaced) {
        String content = text(part, name);
        if (content.length() > LONGEST_CONTENT) {
            throw new IllegalArgumentException(
                    "'%s' of %d characters, expected at most %d"
                            .formatted(name, content.length(), LONGEST_CONTENT));
        }
        grow(Math.ceilDiv(3 * content.length(), Math.max(1, replaced)));
        return content;
    }

    /** Expressions are kept as they are if they are safe. */
    private static JsonObject pattern(JsonObject part, boolean expressions) {
        if (!(part.get("pattern") instanceof JsonObject pattern) || pattern.size() != 1) {
            throw new IllegalArgumentException("no 'pattern' of one kind");
        }
        JsonObject kept = new JsonObject();
        if (pattern.has("String")) {
            String text = text(pattern, "String");
            if (text.isEmpty() || text.length() > LONGEST_CONTENT) {
                throw new IllegalArgumentException(
                        "a pattern of %d characters, expected 1 to %d"
                                .formatted(text.length(), LONGEST_CONTENT));
            }
            kept.addProperty("String", text);
        } else if (pattern.has("Regex") && expressions) {
            String expression = text(pattern, "Regex");
            SafeExpression.check(expression);
            kept.addProperty("Regex", expression);
        } else {
            throw new UnsupportedKindException("a pattern " + pattern);
        }
        return kept;
    }

    private static String text(JsonObject part, String name) {
        JsonElement value = part.get(name);
        if (value == null || !value.isJsonPrimitive()) {
            throw new IllegalArgumentException("no text '%s'".formatted(name));
        }
        return value.getAsString();
    }

    private static String character(JsonObject part, String name) {
        String text = text(part, name);
        if (text.codePointCount(0, text.length()) != 1) {
            throw new IllegalArgumentException("'%s' is not one character".formatted(name));
        }
        return text;
    }

    private static String oneOf(JsonObject part, String name, List<String> known) {
        String text = text(part, name);
        if (!known.contains(text)) {
            throw new IllegalArgumentException("'%s' '%s'".formatted(name, text));
        }
        return text;
    }

    private static void copyTruth(JsonObject part, JsonObject kept, String name) {
        copyTruth(part, kept, name, false);
    }

    private static void copyTruth(
            JsonObject part, JsonObject kept, String name, boolean otherwise) {
        JsonElement value = part.get(name);
        kept.addProperty(name, value == null ? otherwise : Numbers.truth(name, value));
    }

    /** A name, or the older form of an object around it. */
    static JsonElement textOrNull(JsonElement value) {
        if (value.isJsonNull() || value.isJsonPrimitive()) {
            return value;
        }
        if (value instanceof JsonObject object && object.has("content")) {
            return object.get("content");
        }
        return JsonNull.INSTANCE;
    }
}
