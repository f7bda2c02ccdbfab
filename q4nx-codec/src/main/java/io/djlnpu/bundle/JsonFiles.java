package io.djlnpu.bundle;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
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
        return read(file, MAX_BYTES);
    }

    static JsonObject read(Path file, long most) throws IOException {
        JsonElement parsed = parse(file, most);
        if (!parsed.isJsonObject()) {
            throw new ModelFormatException(Code.MALFORMED, file + ": not a JSON object");
        }
        return parsed.getAsJsonObject();
    }

    static JsonArray readArray(Path file) throws IOException {
        JsonElement parsed = parse(file, MAX_BYTES);
        if (!parsed.isJsonArray()) {
            throw new ModelFormatException(Code.MALFORMED, file + ": not a JSON list");
        }
        return parsed.getAsJsonArray();
    }

    private static JsonElement parse(Path file, long most) throws IOException {
        // a pipe would be waited for, a folder has no text
        if (!Files.isRegularFile(file)) {
            throw new ModelFormatException(
                    Code.MISSING_FILE, file + ": no such file; put the model's own beside it");
        }
        if (Files.size(file) > most) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    file + ": " + Files.size(file) + " bytes, expected at most " + most);
        }
        try {
            return JsonParser.parseString(Files.readString(file));
        } catch (JsonParseException | CharacterCodingException e) {
            throw new ModelFormatException(
                    Code.MALFORMED, file + ": no JSON; take the file that came with the model", e);
        }
    }
}
