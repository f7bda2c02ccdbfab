package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.VisionLayout;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.ImageEncoder;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.samples.Npu;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Split repositories through {@code npu convert}, as people use it, to bundles that see. */
class VisionConvertIT {

    private static final String GOLDEN = "q4nx/storyteller-vision-bf16/model.q4nx";

    @TempDir Path folder;

    /**
     * ONNX Runtime on the vision graph itself is the measure: the bundle differs by its weights'
     * rounding to 8 bits, and from 8-bit graphs also by their rounding of activations.
     */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "fp16, 0.01",
        "q4, 0.01",
        "q4f16, 0.01",
        "bnb4, 0.01",
        "int8, 0.1",
        "uint8, 0.1",
        "quantized, 0.1"
    })
    void featuresAreThoseOfTheGraph(String form, double tolerance) throws Exception {
        Path split = Fixtures.require("micro/onnx/split");
        Path source = Files.createDirectories(folder.resolve("source/onnx"));
        String tower = "onnx/vision_encoder_" + form + ".onnx";
        for (String name : List.of("decoder_model_merged_q4f16", "embed_tokens_q4f16")) {
            for (String end : List.of(".onnx", ".onnx_data")) {
                Files.copy(split.resolve("onnx").resolve(name + end), source.resolve(name + end));
            }
        }
        Files.copy(split.resolve(tower), source.resolve("vision_encoder.onnx"));
        for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(split.resolve(name), source.getParent().resolve(name));
        }
        Path bundle = folder.resolve("bundle");
        npu("convert", source.getParent(), bundle);
        float[] pixels = floats("micro/onnx/reference.safetensors", "pixel_values");
        float[] expected =
                floats("micro/onnx/split/expected.safetensors", tower + ":image_features");
        double error = distance(encode(bundle, pixels), expected);
        System.out.printf("%s: features off by %.5f of the largest%n", form, error);
        assertThat(error).isLessThan(tolerance);
    }

    @Test
    void aBundleThatSeesIsVerifiedAndDescribed() throws Exception {
        Path source = Fixtures.require("storyteller/onnx/split");
        Path bundle = folder.resolve("bundle");
        npu("convert", source, bundle);
        assertThat(Family.read(bundle.resolve(ModelBundle.CONFIG_FILE)).vision())
                .isEqualTo(Family.read(source.resolve("config.json")).vision());
        try (SafetensorsFile golden = SafetensorsFile.open(Fixtures.require(GOLDEN));
                SafetensorsFile found =
                        SafetensorsFile.open(bundle.resolve(ModelBundle.VISION_FILE))) {
            assertThat(found.tensors()).isEqualTo(golden.tensors());
        }

        JsonObject verified = npu("verify", bundle, "--against", source);
        assertThat(verified.get("valid").getAsBoolean()).isTrue();
        List<String> names = VisionLayout.list(config(bundle)).stream().map(l -> l.name()).toList();
        assertThat(column(verified.getAsJsonArray("tensors"), "name")).containsAll(names);
        for (JsonElement tensor : verified.getAsJsonArray("tensors")) {
            JsonObject error = tensor.getAsJsonObject();
            if (names.contains(error.get("name").getAsString())) {
                // half a unit of bf16's eight bits; no weight reaches 4
                assertThat(error.get("maxError").getAsDouble()).isLessThan(4.0 / 512);
            }
        }

        JsonObject inspected = npu("inspect", bundle);
        assertThat(column(inspected.getAsJsonArray("tensors"), "name")).containsAll(names);
        assertThat(shape(inspected, VisionLayout.PROJECTOR)).isEqualTo("[320,128]");
        assertThat(inspected.getAsJsonObject("config").has("vision_config")).isTrue();
    }

    /** The model that ships has no config.json: everything comes from graphs and tokenizer. */
    @Test
    void theShippedModelSees() throws Exception {
        Path bundle = folder.resolve("bundle");
        npu("convert", ShippedModel.folder(), bundle);
        assertThat(Files.list(bundle).map(file -> file.getFileName().toString()).toList())
                .contains(ModelBundle.VISION_FILE, "preprocessor_config.json");
        String reference = "storyteller/reference/vision.safetensors";
        for (int image = 0; image < 8; image++) {
            float[] features = encode(bundle, floats(reference, image + ".pixel_values"));
            assertThat(distance(features, floats(reference, image + ".image_features")))
                    .isLessThan(0.01);
        }
    }

    private static float[] encode(Path folder, float[] pixels) throws IOException {
        DecoderOptions options = DecoderOptions.defaults().withNumerics(Numerics.FLOAT32);
        try (ModelBundle bundle = ModelBundle.open(folder);
                DecoderModel model = DecoderModel.load(bundle, options)) {
            ImageEncoder encoder = model.imageEncoder().orElseThrow();
            return encoder.encode(pixels);
        }
    }

    private static io.djlnpu.bundle.DecoderSpec config(Path bundle) throws IOException {
        return Family.read(bundle.resolve(ModelBundle.CONFIG_FILE));
    }

    private static JsonObject npu(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Npu.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        words.add("--json");
        assertThat(line.execute(words.toArray(String[]::new))).as(err.toString()).isZero();
        return JsonParser.parseString(out.toString()).getAsJsonObject();
    }

    private static List<String> column(JsonArray rows, String key) {
        List<String> values = new ArrayList<>();
        rows.forEach(row -> values.add(row.getAsJsonObject().get(key).getAsString()));
        return values;
    }

    private static String shape(JsonObject inspected, String name) {
        for (JsonElement tensor : inspected.getAsJsonArray("tensors")) {
            if (tensor.getAsJsonObject().get("name").getAsString().equals(name)) {
                return tensor.getAsJsonObject().get("shape").toString();
            }
        }
        throw new AssertionError("no " + name);
    }

    private static float[] floats(String file, String name) throws IOException {
        try (SafetensorsFile open = SafetensorsFile.open(Fixtures.require(file))) {
            return open.segment(name)
                    .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
        }
    }

    /** The largest difference, as a part of the largest value. */
    private static double distance(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < found.length; i++) {
            worst = Math.max(worst, Math.abs(found[i] - expected[i]));
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return worst / largest;
    }
}
