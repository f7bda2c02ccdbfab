package io.djlnpu.generate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A {@code tokenizer.json} as the native library may see it. The library takes its file on trust: a
 * field too many can make it abort the process, or never come back. So the file is read here first
 * and written anew, with the kinds and fields of {@link TokenizerParts} and nothing else; what
 * stands after a template of special tokens is left out, as they are added here.
 *
 * @param json the whole new text, UTF-8
 * @param longestToken the most bytes that one token stands for
 */
record TokenizerFile(byte[] json, int longestToken) {

    private static final long MOST_BYTES = 128L << 20;
    private static final int MOST_ADDED = 1 << 16;

    private static final int LONGEST_ADDED = 512;
    private static final int MOST_ID = (1 << 22) - 1;

    private static final List<String> FLAGS =
            List.of("single_word", "lstrip", "rstrip", "normalized", "special");

    /**
     * Reads and checks a file.
     *
     * @throws ModelFormatException if it is none of the supported kinds
     */
    static TokenizerFile read(Path file) throws IOException {
        long bytes = Files.size(file);
        if (bytes > MOST_BYTES) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    "%s: %d bytes, expected at most %d".formatted(file, bytes, MOST_BYTES));
        }
        try {
            return of(new JsonMembers(Files.readAllBytes(file)));
        } catch (UnsupportedKindException e) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_MODEL,
                    "%s: %s; a tokenizer of the kind of Gemma's, Llama's or Qwen's is expected"
                            .formatted(file, e.getMessage()),
                    e);
        } catch (RuntimeException e) { // whatever a reader of JSON makes of it
            throw new ModelFormatException(
                    Code.MALFORMED,
                    "%s: not a tokenizer (%s); copy it again".formatted(file, e.getMessage()),
                    e);
        }
    }

    private static TokenizerFile of(JsonMembers file) {
        TokenizerParts parts = new TokenizerParts();
        JsonArray added = added(file.value("added_tokens"));
        JsonElement normalizer = parts.normalizer(file.value("normalizer"));
        JsonElement preTokenizer = parts.preTokenizer(file.value("pre_tokenizer"));
        JsonElement decoder = new TokenizerParts().decoder(file.value("decoder"));
        JsonMembers model = file.members("model");
        ByteArrayOutputStream json = new ByteArrayOutputStream(file.bytes() + (1 << 16));
        write(
                json,
                "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":%s,\"normalizer\":%s,\"pre_tokenizer\":%s,\"post_processor\":%s,\"decoder\":%s,\"model\":"
                        .formatted(
                                added,
                                normalizer,
                                preTokenizer,
                                TokenizerTemplate.read(file.value("post_processor")),
                                decoder));
        writeModel(json, model);
        write(json, "}");
        int longest = Math.max(model.longestText("vocab"), longest(added));
        return new TokenizerFile(json.toByteArray(), Math.max(1, longest));
    }

    private static void write(ByteArrayOutputStream target, String text) {
        target.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void writeModel(ByteArrayOutputStream json, JsonMembers model) {
        JsonElement type = model.value("type");
        if (!type.isJsonNull() && !type.getAsString().equals("BPE")) {
            throw new UnsupportedKindException("a model of type " + type);
        }
        for (String name : new String[] {"continuing_subword_prefix", "end_of_word_suffix"}) {
            JsonElement affix = model.value(name);
            if (!affix.isJsonNull() && !affix.getAsString().isEmpty()) {
                throw new UnsupportedKindException("'%s' %s".formatted(name, affix));
            }
        }
        JsonElement dropout = model.value("dropout");
        if (!dropout.isJsonNull() && Numbers.finite("dropout", dropout) != 0) {
            throw new UnsupportedKindException("'dropout' " + dropout + ", which draws lots");
        }
        JsonObject flags = new JsonObject();
        flags.addProperty("type", "BPE");
        flags.add("dropout", JsonNull.INSTANCE);
        flags.add("unk_token", TokenizerParts.textOrNull(model.value("unk_token")));
        flags.add("continuing_subword_prefix", JsonNull.INSTANCE);
        flags.add("end_of_word_suffix", JsonNull.INSTANCE);
        for (String name : new String[] {"fuse_unk", "byte_fallback", "ignore_merges"}) {
            JsonElement flag = model.value(name);
            flags.addProperty(name, !flag.isJsonNull() && Numbers.truth(name, flag));
        }
        if (!model.begins("vocab", '{') || !model.begins("merges", '[')) {
            throw new IllegalArgumentException("no 'vocab' and 'merges' in 'model'");
        }
        String written = flags.toString();
        write(json, written.substring(0, written.length() - 1) + ",\"vocab\":");
        model.copy("vocab", json);
        write(json, ",\"merges\":");
        model.copy("merges", json);
        write(json, "}");
    }

    private static JsonArray added(JsonElement list) {
        JsonArray checked = new JsonArray();
        if (list.isJsonNull()) {
            return checked;
        }
        for (JsonElement element : list.getAsJsonArray()) {
            JsonObject token = element.getAsJsonObject();
            JsonElement content = token.get("content");
            String text = content == null ? "" : content.getAsString();
            if (text.isEmpty() || text.length() > LONGEST_ADDED || checked.size() == MOST_ADDED) {
                throw new IllegalArgumentException(
                        "added token %d of %d characters, expected at most %d tokens of 1 to %d"
                                .formatted(
                                        checked.size(), text.length(), MOST_ADDED, LONGEST_ADDED));
            }
            JsonObject kept = new JsonObject();
            kept.addProperty(
                    "id", Numbers.whole("id of an added token", token.get("id"), 0, MOST_ID));
            kept.addProperty("content", text);
            for (String flag : FLAGS) {
                JsonElement value = token.get(flag);
                kept.addProperty(flag, value != null && Numbers.truth(flag, value));
            }
            checked.add(kept);
        }
        return checked;
    }

    private static int longest(JsonArray added) {
        int longest = 0;
        for (JsonElement token : added) {
            String text = token.getAsJsonObject().get("content").getAsString();
            longest = Math.max(longest, 3 * text.length());
        }
        return longest;
    }

    /** A file that is sound, maybe, but of a kind that is not read. */
    static final class UnsupportedKindException extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        UnsupportedKindException(String message) {
            super(message);
        }
    }
}
