package io.djlnpu.generate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a {@code tokenizer.json} puts around a text, its {@code TemplateProcessing}, written anew:
 * the native library counts ids and tokens without looking, and aborts where they differ. Of other
 * post-processors none changes a token, so they are left out.
 */
final class TokenizerTemplate {

    private static final int MOST_PIECES = 16;
    private static final int MOST_IDS = 16;
    private static final int LONGEST_TOKEN = 512;
    private static final int MOST_ID = (1 << 22) - 1;

    private final Map<String, JsonObject> special = new LinkedHashMap<>();

    private TokenizerTemplate() {}

    /**
     * Reads a file's post-processor, alone or in a sequence of them.
     *
     * @return what the library may see; null of JSON if there is no template
     * @throws IllegalArgumentException if it is none that can be trusted
     */
    static JsonElement read(JsonElement processor) {
        JsonObject found = ofTemplate(processor);
        if (processor instanceof JsonObject sequence
                && sequence.get("processors") instanceof JsonArray processors) {
            for (JsonElement one : processors) {
                JsonObject template = ofTemplate(one);
                found = template == null ? found : template;
            }
        }
        return found == null ? JsonNull.INSTANCE : new TokenizerTemplate().written(found);
    }

    private static JsonObject ofTemplate(JsonElement processor) {
        return processor instanceof JsonObject object
                        && object.get("type") instanceof JsonPrimitive type
                        && type.getAsString().equals("TemplateProcessing")
                ? object
                : null;
    }

    private JsonObject written(JsonObject template) {
        JsonArray single = new JsonArray();
        int texts = 0;
        for (JsonElement piece : list(template.get("single"), "single", MOST_PIECES)) {
            if (piece instanceof JsonObject object && object.get("SpecialToken") != null) {
                String token = id(object.get("SpecialToken"));
                special.computeIfAbsent(token, t -> token(template.get("special_tokens"), t));
                single.add(piece("SpecialToken", token, 0));
            } else if (piece instanceof JsonObject object
                    && object.get("Sequence") != null
                    && id(object.get("Sequence")).equals("A")) {
                single.add(piece("Sequence", "A", 0));
                texts++;
            } else {
                throw wrong("a piece " + piece);
            }
        }
        if (texts != 1) {
            throw wrong(texts + " places for the text, expected one");
        }
        JsonArray pair = new JsonArray();
        pair.add(piece("Sequence", "A", 0));
        pair.add(piece("Sequence", "B", 1));
        JsonObject tokens = new JsonObject();
        special.forEach(tokens::add);
        JsonObject result = new JsonObject();
        result.addProperty("type", "TemplateProcessing");
        result.add("single", single);
        result.add("pair", pair);
        result.add("special_tokens", tokens);
        return result;
    }

    private static JsonObject piece(String kind, String id, int type) {
        JsonObject inner = new JsonObject();
        inner.addProperty("id", id);
        inner.addProperty("type_id", type);
        JsonObject piece = new JsonObject();
        piece.add(kind, inner);
        return piece;
    }

    private static String id(JsonElement piece) {
        if (piece instanceof JsonObject object) {
            return text(object.get("id"));
        }
        throw wrong("a piece without an id");
    }

    private static String text(JsonElement value) {
        if (value instanceof JsonPrimitive text
                && text.isString()
                && text.getAsString().length() <= LONGEST_TOKEN) {
            return text.getAsString();
        }
        throw wrong("a token that is no text, or a long one");
    }

    /** A token stands for as many ids as it has texts. */
    private static JsonObject token(JsonElement tokens, String name) {
        JsonElement stated = tokens instanceof JsonObject all ? all.get(name) : null;
        if (!(stated instanceof JsonObject object)) {
            throw wrong("special token '%s' without an entry".formatted(name));
        }
        JsonArray ids = new JsonArray();
        for (JsonElement id : list(object.get("ids"), "ids", MOST_IDS)) {
            ids.add(Numbers.whole("post_processor id", id, 0, MOST_ID));
        }
        JsonArray texts = new JsonArray();
        for (JsonElement text : list(object.get("tokens"), "tokens", MOST_IDS)) {
            texts.add(text(text));
        }
        if (ids.isEmpty() || ids.size() != texts.size()) {
            throw wrong("%d ids for %d tokens".formatted(ids.size(), texts.size()));
        }
        JsonObject result = new JsonObject();
        result.addProperty("id", name);
        result.add("ids", ids);
        result.add("tokens", texts);
        return result;
    }

    private static JsonArray list(JsonElement value, String name, int most) {
        if (value instanceof JsonArray list && list.size() <= most) {
            return list;
        }
        throw wrong("'%s' that is no list of at most %d".formatted(name, most));
    }

    private static IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("a 'post_processor' with " + what);
    }
}
