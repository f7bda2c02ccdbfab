package io.djlnpu.onnx.report;

import java.nio.file.Path;
import java.util.List;

/**
 * How a model was understood: for people who want to know what they got, and where it came from.
 *
 * @param dialect which exporter's form the decoder has, in words
 * @param producer the producer and version that the file names
 * @param files the graphs that were chosen, decoder first, each with the reason
 * @param settings every value of the configuration with its source
 * @param roles every weight with the node and form in which it was found
 * @param warnings what was corrected, contradictory or left over
 */
public record ImportReport(
        String dialect,
        String producer,
        List<ChosenFile> files,
        List<Setting> settings,
        List<Role> roles,
        List<String> warnings) {

    /** Copies the lists. */
    public ImportReport {
        files = List.copyOf(files);
        settings = List.copyOf(settings);
        roles = List.copyOf(roles);
        warnings = List.copyOf(warnings);
    }

    /**
     * A graph of the folder.
     *
     * @param path the file
     * @param part decoder, embedding or vision
     * @param reason why this one and not another
     */
    public record ChosenFile(Path path, String part, String reason) {}

    /**
     * A value of the configuration.
     *
     * @param name the key of {@code config.json}
     * @param value the value
     * @param source where it was found
     */
    public record Setting(String name, String value, Source source) {}

    /**
     * A weight.
     *
     * @param name Hugging Face's name
     * @param node the node of the graph that uses it
     * @param form how it is stored, for instance {@code MatMulNBits 4 bits}
     * @param carriedOver whether its 4-bit codes are taken as they are
     */
    public record Role(String name, String node, String form, boolean carriedOver) {}

    /** Where a value of the configuration was found. */
    public enum Source {
        /** In {@code config.json}. */
        CONFIG_JSON("config.json"),
        /** What transformers or the published size has where {@code config.json} is silent. */
        DEFAULT("default"),
        /** In {@code generation_config.json}. */
        GENERATION_CONFIG("generation_config.json"),
        /** In {@code genai_config.json}. */
        GENAI_CONFIG("genai_config.json"),
        /** Among the named tokens of {@code tokenizer_config.json}. */
        TOKENIZER_CONFIG("tokenizer_config.json"),
        /** In attributes, constants or shapes of the graph. */
        GRAPH("graph"),
        /** In the table of Gemma 3's published sizes. */
        SIZE_TABLE("size table"),
        /** What holds for every Gemma 3. */
        DEFINITION("definition");

        private final String label;

        Source(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }
}
