package io.djlnpu.aie2p;

import static io.djlnpu.aie2p.Golden.same;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowsTest {

    private static final float EPSILON = 1e-6f;

    @ParameterizedTest
    @ValueSource(ints = {64, 256, 320, 640, 1152, 2560})
    void norms(int width) throws Exception {
        try (Golden golden = new Golden("rms_norm")) {
            float[] x = golden.floats("x" + width);
            float[] bare = x.clone();
            float[] weight = golden.floats("w" + width);
            for (int row = 0; row < x.length / width; row++) {
                int at = row * width;
                same(
                        "squares",
                        TreeSum.ofSquares(x, at, width),
                        golden.floats("sumsq" + width)[row]);
                same(
                        "mean",
                        NormRow.meanSquare(x, at, width, EPSILON),
                        golden.floats("mean_eps" + width)[row]);
                same(
                        "root",
                        NormRow.factor(x, at, width, EPSILON),
                        golden.floats("rsqrt" + width)[row]);
                NormRow.apply(x, at, width, weight, 0, EPSILON);
                NormRow.apply(bare, at, width, null, 0, EPSILON);
            }
            same("y", x, golden.floats("y" + width));
            same("y without a weight", bare, golden.floats("y_unweighted" + width));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "local_dh64, 64", "global_factor8_dh64, 64", "global_factor1_dh64, 64",
        "local_dh256, 256", "global_factor8_dh256, 256", "global_factor1_dh256, 256"
    })
    void normsAndRotatesHeads(String name, int headDim) throws Exception {
        try (Golden golden = new Golden("qk_norm_rope")) {
            float[] x = golden.floats(name + "_x");
            float[] bare = x.clone();
            float[] weight = golden.floats(name + "_w");
            float[] cosines = golden.floats(name + "_cos");
            float[] sines = golden.floats(name + "_sin");
            int half = headDim / 2;
            for (int row = 0; row < x.length / headDim; row++) {
                float[] cosine = Arrays.copyOfRange(cosines, row * half, (row + 1) * half);
                float[] sine = Arrays.copyOfRange(sines, row * half, (row + 1) * half);
                RotateHead.apply(bare, row * headDim, headDim, cosine, sine);
                NormRow.apply(x, row * headDim, headDim, weight, 0, EPSILON);
                RotateHead.apply(x, row * headDim, headDim, cosine, sine);
            }
            same("rotated", bare, golden.floats(name + "_rotated_only"));
            same("normed and rotated", x, golden.floats(name + "_norm_then_rotated"));
        }
    }

    @Test
    void gates() throws Exception {
        try (Golden golden = new Golden("geglu")) {
            float[] both = golden.floats("up_then_gate");
            float[] y = golden.floats("y");
            for (int row = 0; row < y.length / 256; row++) {
                float[] up = Arrays.copyOfRange(both, row * 512, row * 512 + 256);
                float[] gate = Arrays.copyOfRange(both, row * 512 + 256, row * 512 + 512);
                GateRow.apply(GateRow.Activation.GELU, gate, up, 256);
                same("gate", gate, Arrays.copyOfRange(y, row * 256, row * 256 + 256));
            }
        }
    }

    @Test
    void siluIsWithinATableStepOfSilu() {
        for (float x = -20; x <= 20; x += 0.125f) {
            double exact = x / (1 + Math.exp(-x));
            assertThat((double) GateRow.of(GateRow.Activation.SILU, x))
                    .as("silu of %s", x)
                    .isCloseTo(
                            exact,
                            org.assertj.core.data.Offset.offset(1e-5 + 0.016 * Math.abs(exact)));
        }
    }
}
