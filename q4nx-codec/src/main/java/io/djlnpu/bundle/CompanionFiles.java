package io.djlnpu.bundle;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What lies beside a model's weights and goes into a bundle as it is. */
public final class CompanionFiles {

    private static final List<String> NAMES =
            List.of(
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "chat_template.jinja",
                    "chat_template.json",
                    "generation_config.json",
                    "genai_config.json",
                    "special_tokens_map.json",
                    "preprocessor_config.json",
                    "processor_config.json",
                    "config_sentence_transformers.json");

    private CompanionFiles() {}

    /**
     * Finds them.
     *
     * @param places folders, the first that has a file counts
     * @return existing files by name
     */
    public static Map<String, Path> in(List<Path> places) {
        Map<String, Path> found = new LinkedHashMap<>();
        for (String name : NAMES) {
            for (Path place : places) {
                if (Files.isRegularFile(place.resolve(name))) {
                    found.putIfAbsent(name, place.resolve(name));
                }
            }
        }
        return found;
    }
}
