package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.it.DequantizedOnnx.RopeFault;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.q4nx.Encoding;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every dialect between two computations of ONNX Runtime: on the very file, and on the bundle's
 * weights. What connects them is the float32 export with other weights written into it.
 */
class DialectLogitsIT {

    private static final String CARRIER = "optimum-fp32";

    @TempDir Path folder;

    static Stream<String> dialects() {
        List<String> paths = new ArrayList<>();
        for (String name :
                List.of(
                        "genai-fp32",
                        "genai-int4",
                        "genai-int4-shared",
                        "genai-int4-gateup",
                        "optimum-fp32",
                        "optimum-fp16",
                        "plain-opset17",
                        "dynamo")) {
            paths.add("micro/onnx/" + name + "/model.onnx");
        }
        for (String form : List.of("fp16", "q4", "q4f16", "int8", "uint8", "quantized", "bnb4")) {
            paths.add("micro/onnx/build-gemma/onnx/model_" + form + ".onnx");
            paths.add("micro/onnx/transformersjs/onnx/model_" + form + ".onnx");
            paths.add("micro/onnx/split/onnx/decoder_model_merged_" + form + ".onnx");
        }
        paths.add("micro/onnx/community-q4/onnx/model_q4.onnx");
        paths.add("micro/onnx/community-q4/onnx/model_q4f16.onnx");
        paths.add("storyteller/onnx/genai-int4/model.onnx");
        paths.add("storyteller/onnx/genai-int4-kquant/model.onnx");
        paths.add("storyteller/onnx/split/onnx/decoder_model_merged_fp16.onnx");
        paths.add("storyteller/onnx/split/onnx/decoder_model_merged_q4.onnx");
        return paths.stream();
    }

    /** The engine on the bundle against ONNX Runtime on the bundle's weights. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("dialects")
    void engineEqualsOnnxRuntimeOnTheBundlesWeights(String dialect) throws Exception {
        Path file = Fixtures.require(dialect);
        Path target = folder.resolve("bundle");
        try (OnnxDecoder weights = OnnxDecoder.open(file)) {
            BundleWriter.write(
                    weights, target, BundleOptions.defaults().withEncoding(Encoding.MINMAX));
        }
        Path patched = folder.resolve("patched.onnx");
        DecoderOptions options = DecoderOptions.defaults().withNumerics(Numerics.FLOAT32);
        try (ModelBundle bundle = ModelBundle.open(target)) {
            DequantizedOnnx.write(carrier(dialect), bundle, patched);
            try (OnnxRuntimeLogits oracle = new OnnxRuntimeLogits(patched);
                    DecoderModel model = DecoderModel.load(bundle, options)) {
                for (int[] ids : prompts(dialect)) {
                    float[][] expected = oracle.run(ids);
                    try (DecoderSession session = model.newSession()) {
                        float[] found = session.prefill(ids);
                        assertThat(Logits.maxDifference(expected[ids.length - 1], found))
                                .as("logits after " + ids.length + " tokens")
                                .isLessThanOrEqualTo(2e-4f);
                    }
                }
            }
        }
    }

    /**
     * ONNX Runtime on the file itself against ONNX Runtime on the weights that were imported from
     * it. Left out are files whose activations it narrows to 8 bits whatever one asks for, and two
     * that it cannot run. Files in float16 compute in float16; the builder of genai rounds the
     * scale of the embedding.
     */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "micro/onnx/genai-fp32/model.onnx, LOCAL_SCALED, 3e-3",
        "micro/onnx/genai-int4/model.onnx, LOCAL_SCALED, 3e-3",
        "micro/onnx/genai-int4-shared/model.onnx, LOCAL_SCALED, 3e-3",
        "micro/onnx/genai08-int4-b128-asym/model.onnx, GLOBAL_UNSCALED, 3e-3",
        "micro/onnx/optimum-fp16/model.onnx, NONE, 0.05",
        "micro/onnx/dynamo/model.onnx, NONE, 1e-4",
        "micro/onnx/build-gemma/onnx/model_fp16.onnx, GLOBAL_UNSCALED, 0.05",
        "micro/onnx/build-gemma/onnx/model_q4.onnx, GLOBAL_UNSCALED, 1e-3",
        "micro/onnx/build-gemma/onnx/model_q4f16.onnx, GLOBAL_UNSCALED, 0.05",
        "micro/onnx/build-gemma/onnx/model_bnb4.onnx, GLOBAL_UNSCALED, 1e-3",
        "micro/onnx/community-q4/onnx/model_q4.onnx, GLOBAL_UNSCALED, 1e-3",
        "micro/onnx/community-q4/onnx/model_q4f16.onnx, GLOBAL_UNSCALED, 0.05",
        "micro/onnx/transformersjs/onnx/model_fp16.onnx, NONE, 0.05",
        "micro/onnx/transformersjs/onnx/model_q4.onnx, NONE, 1e-3",
        "micro/onnx/transformersjs/onnx/model_q4f16.onnx, NONE, 0.05",
        "micro/onnx/transformersjs/onnx/model_bnb4.onnx, NONE, 1e-3",
        "micro/onnx/split/onnx/decoder_model_merged_fp16.onnx, GLOBAL_UNSCALED, 0.05",
        "micro/onnx/split/onnx/decoder_model_merged_q4.onnx, GLOBAL_UNSCALED, 1e-3",
        "micro/onnx/split/onnx/decoder_model_merged_q4f16.onnx, GLOBAL_UNSCALED, 0.05",
        "micro/onnx/split/onnx/decoder_model_merged_bnb4.onnx, GLOBAL_UNSCALED, 1e-3",
        "storyteller/onnx/genai-int4/model.onnx, LOCAL_SCALED, 3e-3",
        "storyteller/onnx/genai-int4-kquant/model.onnx, LOCAL_SCALED, 3e-3",
        "storyteller/onnx/split/onnx/decoder_model_merged_fp16.onnx, GLOBAL_UNSCALED, 0.05",
        "storyteller/onnx/split/onnx/decoder_model_merged_q4.onnx, GLOBAL_UNSCALED, 1e-3"
    })
    void importedWeightsAreThoseThatOnnxRuntimeComputesWith(
            String dialect, RopeFault fault, float tolerance) throws Exception {
        Path file = Fixtures.require(dialect);
        // a head in fewer bits than the table is dropped for the table, unless the two are untied
        JsonObject json = Fixtures.json(carrier(dialect).resolve("config.json"));
        json.addProperty("tie_word_embeddings", false);
        Path untied = Files.writeString(folder.resolve("untied.json"), json.toString());
        DecoderSpec config = Family.read(untied);
        Path patched = folder.resolve("patched.onnx");
        try (OnnxDecoder model = OnnxDecoder.open(file, untied)) {
            DequantizedOnnx.write(
                    carrier(dialect),
                    layout -> DequantizedOnnx.imported(model, layout),
                    config,
                    fault,
                    patched);
        }
        try (OnnxRuntimeLogits own = withFloatActivations(file, config.headDim());
                OnnxRuntimeLogits reference = new OnnxRuntimeLogits(patched)) {
            for (int[] ids : prompts(dialect)) {
                float[][] expected = own.run(ids);
                float[][] found = reference.run(ids);
                for (int i = 0; i < ids.length; i++) {
                    assertThat(Logits.maxDifference(expected[i], found[i]))
                            .as("logits after " + (i + 1) + " tokens")
                            .isLessThanOrEqualTo(tolerance);
                }
            }
        }
    }

    /** Opens a copy whose MatMulNBits do not narrow their inputs: {@code accuracy_level} 1. */
    private OnnxRuntimeLogits withFloatActivations(Path file, int headDim) throws Exception {
        try (Stream<Path> beside = Files.list(file.getParent())) {
            for (Path path : beside.toList()) {
                Files.copy(path, folder.resolve(path.getFileName()));
            }
        }
        Path copy = folder.resolve(file.getFileName());
        byte[] bytes = Files.readAllBytes(copy);
        byte[] attribute = "accuracy_level\u0018".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i + attribute.length < bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + attribute.length, attribute, 0, attribute.length)) {
                bytes[i + attribute.length] = 1;
            }
        }
        Files.delete(copy);
        Files.write(copy, bytes);
        String name = file.getFileName().toString();
        boolean split = name.startsWith("decoder_model_merged");
        // the import takes the most precise table: in float32, as beside the 4-bit forms
        String table = "embed_tokens_q4.onnx";
        return new OnnxRuntimeLogits(copy, split ? folder.resolve(table) : null, headDim);
    }

    private static Path carrier(String dialect) {
        return Fixtures.require(
                dialect.substring(0, dialect.indexOf("/onnx/")) + "/onnx/" + CARRIER);
    }

    private static List<int[]> prompts(String dialect) throws Exception {
        Path expected = carrier(dialect).resolve("expected.json");
        List<int[]> prompts = new ArrayList<>();
        for (JsonElement prompt :
                Fixtures.json(expected)
                        .getAsJsonObject("files")
                        .getAsJsonObject("model.onnx")
                        .getAsJsonArray("prompts")) {
            prompts.add(Fixtures.ints(prompt.getAsJsonObject().get("ids")));
        }
        return prompts;
    }
}
