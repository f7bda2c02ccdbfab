package io.djlnpu.onnx.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Every text model among the fixtures: the decoder's path below {@code fixtures}. */
public final class Dialects {

    private static final List<String> FORMS =
            List.of("fp16", "q4", "q4f16", "int8", "uint8", "quantized", "bnb4");
    private static final List<String> SINGLE =
            List.of(
                    "genai-fp32",
                    "genai-int4",
                    "genai-int4-shared",
                    "genai-int4-gateup",
                    "genai08-int4-b128-asym",
                    "optimum-fp32",
                    "optimum-fp16",
                    "plain-opset17",
                    "dynamo");
    private static final List<String> STORYTELLER =
            List.of(
                    "optimum-fp32/model.onnx",
                    "genai-int4/model.onnx",
                    "genai-int4-kquant/model.onnx",
                    "split/onnx/decoder_model_merged_fp16.onnx",
                    "split/onnx/decoder_model_merged_q4.onnx");

    private Dialects() {}

    public static List<String> all() {
        return Stream.concat(micro().stream(), storyteller().stream()).toList();
    }

    /** Exports of the random model with awkward sizes. */
    public static List<String> micro() {
        List<String> paths = new ArrayList<>();
        SINGLE.forEach(folder -> paths.add(folder + "/model.onnx"));
        for (String form : FORMS) {
            paths.add("build-gemma/onnx/model_" + form + ".onnx");
            paths.add("transformersjs/onnx/model_" + form + ".onnx");
            paths.add("split/onnx/decoder_model_merged_" + form + ".onnx");
        }
        paths.add("community-q4/onnx/model_q4.onnx");
        paths.add("community-q4/onnx/model_q4f16.onnx");
        return paths.stream().map(path -> "micro/onnx/" + path).toList();
    }

    public static List<String> storyteller() {
        return STORYTELLER.stream().map(path -> "storyteller/onnx/" + path).toList();
    }

    /** The decoder, and the embedding of the same form where that is a graph of its own. */
    public static List<Path> graphs(String dialect) {
        Path decoder = Fixtures.fixture(dialect);
        String name = decoder.getFileName().toString();
        if (!name.startsWith("decoder_model_merged")) {
            return List.of(decoder);
        }
        return List.of(
                decoder,
                decoder.resolveSibling(name.replace("decoder_model_merged", "embed_tokens")));
    }

    /** The JSON files that the importer looks at, beside the decoder or one folder up. */
    public static List<Path> configurations(String dialect) throws IOException {
        List<Path> found = new ArrayList<>();
        Path folder = Fixtures.fixture(dialect).getParent();
        if (folder.endsWith("onnx")) {
            folder = folder.getParent();
        }
        for (String name : List.of("config.json", "genai_config.json", "generation_config.json")) {
            if (Files.exists(folder.resolve(name))) {
                found.add(folder.resolve(name));
            }
        }
        return found;
    }
}
