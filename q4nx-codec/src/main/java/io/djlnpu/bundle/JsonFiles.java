package io.djlnpu.bundle;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the small JSON files of a bundle. */
final class JsonFiles {

    /** A parsed tree takes up to a hundred times the text. */
    private static final long MAX_BYTES = 1 << 20;

    private JsonFiles() {}

    static JsonObject read(Path file) throws IOException {
        // a pipe would be waited for, a folder has no text
        if (!Files.isRegularFile(file)) {
            throw new ModelFormatException(
                    Code.MISSING_FILE, file + ": no such file; put the model's own beside it");
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    file + ": " + Files.size(file) + " bytes, expected at most " + MAX_BYTES);
        }
        try {
            return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException | CharacterCodingException e) {
            throw new ModelFormatException(
                    Code.MALFORMED, file + ": not a JSON object: " + e.getMessage(), e);
        }
    }
}
