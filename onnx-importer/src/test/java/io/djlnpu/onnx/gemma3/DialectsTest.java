package io.djlnpu.onnx.gemma3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.bundle.Gemma3Config;
import io.djlnpu.bundle.Gemma3ConfigJson;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.safetensors.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every exporter's form of one model, against the checkpoint that they were made from. */
class DialectsTest {

    private static final int TEXT_WEIGHTS = 7 * 13 + 2;

    /**
     * The tolerance is the relative error of a matrix: nothing for float32, rounding for float16, a
     * few parts in a hundred for 8 bits and about a tenth for 4.
     */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "genai-fp32, 0",
        "genai-int4, 0.12",
        "genai-int4-shared, 0.12",
        "genai-int4-gateup, 0.12",
        "genai08-int4-b128-asym, 0.12",
        "optimum-fp32, 0",
        "optimum-fp16, 0.0005",
        "plain-opset17, 0",
        "dynamo, 0",
        "build-gemma/onnx/model_fp16.onnx, 0.0005",
        "build-gemma/onnx/model_q4.onnx, 0.12",
        "build-gemma/onnx/model_q4f16.onnx, 0.12",
        "build-gemma/onnx/model_int8.onnx, 0.02",
        "build-gemma/onnx/model_uint8.onnx, 0.02",
        "build-gemma/onnx/model_quantized.onnx, 0.02",
        "build-gemma/onnx/model_bnb4.onnx, 0.12",
        "community-q4/onnx/model_q4.onnx, 0.12",
        "community-q4/onnx/model_q4f16.onnx, 0.12",
        "transformersjs/onnx/model_fp16.onnx, 0.0005",
        "transformersjs/onnx/model_q4.onnx, 0.12",
        "transformersjs/onnx/model_q4f16.onnx, 0.12",
        "transformersjs/onnx/model_int8.onnx, 0.02",
        "transformersjs/onnx/model_uint8.onnx, 0.02",
        "transformersjs/onnx/model_quantized.onnx, 0.02",
        "transformersjs/onnx/model_bnb4.onnx, 0.12",
        "split/onnx/decoder_model_merged_fp16.onnx, 0.0005",
        "split/onnx/decoder_model_merged_q4.onnx, 0.12",
        "split/onnx/decoder_model_merged_q4f16.onnx, 0.12",
        "split/onnx/decoder_model_merged_int8.onnx, 0.02",
        "split/onnx/decoder_model_merged_uint8.onnx, 0.02",
        "split/onnx/decoder_model_merged_quantized.onnx, 0.02",
        "split/onnx/decoder_model_merged_bnb4.onnx, 0.12"
    })
    void weightsAreThoseOfTheCheckpoint(String dialect, double tolerance) throws IOException {
        Path file = Fixtures.fixture("micro/onnx").resolve(dialect);
        Path checkpoint = Fixtures.fixture("micro/checkpoint/model.safetensors");
        try (SafetensorsFile expected = SafetensorsFile.open(checkpoint);
                Gemma3OnnxModel model = Gemma3OnnxModel.open(file)) {
            assertThat(model.names()).hasSizeGreaterThanOrEqualTo(TEXT_WEIGHTS);
            for (String name : model.names()) {
                if (name.startsWith("model.") || name.startsWith("lm_head")) {
                    float[] truth = truth(expected, name);
                    assertThat(relativeError(model.vector(name), truth))
                            .as(name)
                            .isLessThanOrEqualTo(tolerance);
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "genai-int4, 50",
        "genai08-int4-b128-asym, 49",
        "build-gemma/onnx/model_q4f16.onnx, 49",
        "transformersjs/onnx/model_q4.onnx, 49",
        "community-q4/onnx/model_q4.onnx, 50"
    })
    void fourBitSourcesAreCarriedOver(String dialect, int matrices) throws IOException {
        int carried = 0;
        try (Gemma3OnnxModel model =
                Gemma3OnnxModel.open(Fixtures.fixture("micro/onnx").resolve(dialect))) {
            for (String name : model.names()) {
                WeightMatrix matrix = model.matrix(name);
                if (matrix.affine().isPresent()) {
                    carried++;
                    assertCodesGiveTheValues(name, matrix);
                }
            }
        }
        assertThat(carried).isEqualTo(matrices);
    }

    private static void assertCodesGiveTheValues(String name, WeightMatrix matrix)
            throws IOException {
        int groups = Math.ceilDiv(matrix.columns(), 32);
        int rows = Math.min(matrix.rows(), 40);
        int first = matrix.rows() - rows;
        byte[] codes = new byte[rows * matrix.columns()];
        float[] scales = new float[rows * groups];
        float[] mins = new float[rows * groups];
        matrix.affine().orElseThrow().readRows(first, rows, codes, scales, mins);
        float[] values = new float[rows * matrix.columns()];
        matrix.readRows(first, rows, values);
        for (int i = 0; i < values.length; i++) {
            int group = i / matrix.columns() * groups + i % matrix.columns() / 32;
            assertThat((int) codes[i]).as(name).isBetween(0, 15);
            assertThat(scales[group]).as(name).isNotNegative();
            float value = scales[group] * codes[i] + mins[group];
            assertThat(value).as(name).isCloseTo(values[i], within(16 * Math.ulp(mins[group])));
        }
    }

    @Test
    void configurationWithoutConfigJsonIsThatOfTheModel() throws IOException {
        Gemma3Config expected =
                Gemma3ConfigJson.read(Fixtures.fixture("storyteller/text/config.json"));
        for (String dialect : new String[] {"genai-int4", "genai-int4-kquant"}) {
            Path folder = Fixtures.fixture("storyteller/onnx").resolve(dialect);
            try (Gemma3OnnxModel model = Gemma3OnnxModel.open(folder)) {
                assertThat(model.config())
                        .usingRecursiveComparison()
                        .ignoringFields("eosTokenIds")
                        .isEqualTo(expected);
                assertThat(model.report().warnings()).anyMatch(w -> w.contains("local layers"));
            }
        }
    }

    @Test
    void realModelHasItsPublishedConfiguration() throws IOException {
        Gemma3Config expected = Gemma3ConfigJson.read(Fixtures.real("gemma3-270m/hf/config.json"));
        Path folder = Fixtures.real("gemma3-270m/onnx/genai-int4");
        try (Gemma3OnnxModel model = Gemma3OnnxModel.open(folder)) {
            assertThat(model.config())
                    .usingRecursiveComparison()
                    .ignoringFields("eosTokenIds")
                    .isEqualTo(expected);
            assertThat(model.names()).hasSize(18 * 13 + 2).doesNotContain("lm_head.weight");
            assertThat(model.matrix("model.embed_tokens.weight").affine()).isPresent();
        }
    }

    private static float[] truth(SafetensorsFile checkpoint, String name) throws IOException {
        String original =
                name.equals("lm_head.weight")
                        ? "language_model.model.embed_tokens.weight"
                        : "language_model." + name;
        MemorySegment bytes = checkpoint.segment(original);
        float[] values = bytes.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        if (name.endsWith("norm.weight")) {
            for (int i = 0; i < values.length; i++) {
                values[i] += 1;
            }
        }
        return values;
    }

    static double relativeError(float[] found, float[] truth) {
        assertThat(found).hasSameSizeAs(truth);
        double error = 0;
        double size = 0;
        for (int i = 0; i < truth.length; i++) {
            error += (found[i] - truth[i]) * (double) (found[i] - truth[i]);
            size += truth[i] * (double) truth[i];
        }
        return Math.sqrt(error / Math.max(size, 1e-30));
    }
}
