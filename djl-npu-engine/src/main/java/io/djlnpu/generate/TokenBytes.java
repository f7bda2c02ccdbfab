package io.djlnpu.generate;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads what bytes each token of a vocabulary adds to a text, from {@code tokenizer.json}: a space
 * is written {@code \u2581}, a lone byte {@code <0x0A>}. Special tokens add none.
 */
final class TokenBytes {

    private static final int MOST_TOKENS = 1 << 22;

    private final List<byte[]> bytes = new ArrayList<>();
    private final Path file;

    private TokenBytes(Path file) {
        this.file = file;
    }

    /** Returns the bytes by id; null for special tokens and gaps. */
    static List<byte[]> read(Path file) throws IOException {
        TokenBytes result = new TokenBytes(file);
        try (Reader text = Files.newBufferedReader(file);
                JsonReader json = new JsonReader(text)) {
            // The vocabulary comes last in these files, special tokens must have the last word.
            List<Integer> special = new ArrayList<>();
            json.beginObject();
            while (json.hasNext()) {
                switch (json.nextName()) {
                    case "added_tokens" -> result.readAdded(json, special);
                    case "model" -> result.readModel(json);
                    default -> json.skipValue();
                }
            }
            special.stream().filter(id -> id < result.bytes.size()).forEach(result::clear);
        } catch (IllegalStateException | NumberFormatException e) {
            throw new ModelFormatException(
                    Code.MALFORMED, file + ": not a tokenizer (" + e.getMessage() + ")", e);
        }
        return result.bytes;
    }

    private void clear(int id) {
        bytes.set(id, null);
    }

    private void readAdded(JsonReader json, List<Integer> special) throws IOException {
        json.beginArray();
        while (json.hasNext()) {
            int id = -1;
            String content = "";
            boolean isSpecial = false;
            json.beginObject();
            while (json.hasNext()) {
                switch (json.nextName()) {
                    case "id" -> id = json.nextInt();
                    case "content" -> content = json.nextString();
                    case "special" -> isSpecial = json.nextBoolean();
                    default -> json.skipValue();
                }
            }
            json.endObject();
            if (isSpecial) {
                special.add(id);
            }
            put(id, content.getBytes(StandardCharsets.UTF_8));
        }
        json.endArray();
    }

    private void readModel(JsonReader json) throws IOException {
        json.beginObject();
        while (json.hasNext()) {
            if (!json.nextName().equals("vocab") || json.peek() != JsonToken.BEGIN_OBJECT) {
                json.skipValue();
                continue;
            }
            json.beginObject();
            while (json.hasNext()) {
                byte[] text = bytes(json.nextName());
                put(json.nextInt(), text);
            }
            json.endObject();
        }
        json.endObject();
    }

    private static byte[] bytes(String token) {
        if (token.length() == 6 && token.startsWith("<0x") && token.endsWith(">")) {
            return new byte[] {(byte) HexFormat.fromHexDigits(token, 3, 5)};
        }
        return token.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
    }

    private void put(int id, byte[] text) throws ModelFormatException {
        if (id < 0 || id >= MOST_TOKENS) {
            throw new ModelFormatException(
                    Code.MALFORMED,
                    "%s: token id %d, expected 0 to %d".formatted(file, id, MOST_TOKENS - 1));
        }
        while (bytes.size() <= id) {
            bytes.add(null);
        }
        bytes.set(id, text);
    }
}
