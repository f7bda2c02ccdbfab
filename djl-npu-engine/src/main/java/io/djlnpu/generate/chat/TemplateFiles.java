package io.djlnpu.generate.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.generate.JsonFiles;
import io.djlnpu.template.Template;
import io.djlnpu.template.TemplateException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds a model's templates in its files, and reads them. */
final class TemplateFiles {

    /** The one that is meant where none is named. */
    static final String DEFAULT = "default";

    private static final int MOST_TEMPLATES = 64;

    private final Map<String, Template> found = new TreeMap<>();

    private TemplateFiles() {}

    /**
     * Reads all of a model's templates by name.
     *
     * @return empty if there is none
     * @throws ModelFormatException naming file and line of one that cannot be read
     */
    static Map<String, Template> read(Path folder) throws IOException {
        TemplateFiles files = new TemplateFiles();
        Path plain = folder.resolve("chat_template.jinja");
        Optional<String> text = JsonFiles.text(plain);
        if (text.isPresent()) {
            files.add(DEFAULT, text.get(), plain);
        }
        files.addFolder(folder.resolve("additional_chat_templates"));
        for (String name : List.of("chat_template.json", "tokenizer_config.json")) {
            Path file = folder.resolve(name);
            Optional<JsonObject> json = JsonFiles.object(file);
            if (files.found.isEmpty() && json.isPresent() && json.get().has("chat_template")) {
                files.addEntry(json.get().get("chat_template"), file);
            }
        }
        return files.found;
    }

    private void addFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jinja")) {
            for (Path file : files) {
                String name = file.getFileName().toString().replaceFirst("\\.jinja$", "");
                Optional<String> text = JsonFiles.text(file);
                if (text.isPresent() && !found.containsKey(name)) {
                    add(name, text.get(), file);
                }
            }
        }
    }

    /** The value is the template, or a list of named ones. */
    private void addEntry(JsonElement value, Path file) throws ModelFormatException {
        if (value.isJsonPrimitive()) {
            add(DEFAULT, value.getAsString(), file);
        } else if (value.isJsonArray() && !value.getAsJsonArray().isEmpty()) {
            for (JsonElement named : value.getAsJsonArray()) {
                if (!(named instanceof JsonObject object
                        && object.get("name") instanceof JsonElement name
                        && name.isJsonPrimitive()
                        && object.get("template") instanceof JsonElement template
                        && template.isJsonPrimitive())) {
                    throw malformed(file);
                }
                add(name.getAsString(), template.getAsString(), file);
            }
        } else if (!value.isJsonNull()) {
            throw malformed(file);
        }
    }

    private static ModelFormatException malformed(Path file) {
        return new ModelFormatException(
                Code.MALFORMED,
                file
                        + ": 'chat_template' is neither a text nor a list of objects with 'name'"
                        + " and 'template'; take the file from where the model came from");
    }

    private void add(String name, String text, Path file) throws ModelFormatException {
        if (found.size() == MOST_TEMPLATES) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED, file + ": more than " + MOST_TEMPLATES + " templates");
        }
        try {
            found.put(name, Template.parse(text));
        } catch (TemplateException e) {
            throw new ModelFormatException(
                    code(e.kind()),
                    "%s: template '%s', %s; take the file from where the model came from, or remove the template"
                            .formatted(file, name, e.getMessage()),
                    e);
        }
    }

    private static Code code(TemplateException.Kind kind) {
        return switch (kind) {
            case UNKNOWN -> Code.UNSUPPORTED_MODEL;
            case LIMIT -> Code.LIMIT_EXCEEDED;
            default -> Code.MALFORMED;
        };
    }
}
