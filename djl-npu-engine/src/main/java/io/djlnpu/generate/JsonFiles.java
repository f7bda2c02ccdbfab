package io.djlnpu.generate;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the small JSON files that lie beside a model. */
public final class JsonFiles {

    private static final long MAX_BYTES = 16L << 20;

    private JsonFiles() {}

    /**
     * Reads a text file of at most 16 MB.
     *
     * @param file the file
     * @return its text, or empty if there is no such file
     * @throws IOException if it cannot be read or is no UTF-8 text
     */
    public static Optional<String> text(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        long bytes = Files.size(file);
        if (bytes > MAX_BYTES) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    file + ": " + bytes + " bytes, expected at most " + MAX_BYTES);
        }
        try {
            return Optional.of(Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(Code.MALFORMED, file + ": not UTF-8 text", e);
        }
    }

    /**
     * Reads a JSON object.
     *
     * @param file the file
     * @return the object, or empty if there is no such file
     * @throws IOException if it cannot be read or holds no JSON object
     */
    public static Optional<JsonObject> object(Path file) throws IOException {
        Optional<String> text = text(file);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(JsonParser.parseString(text.get()).getAsJsonObject());
        } catch (JsonParseException | IllegalStateException | StackOverflowError e) {
            throw new ModelFormatException(
                    Code.MALFORMED, file + ": not a JSON object (" + e.getMessage() + ")", e);
        }
    }
}
