package io.djlnpu.aie2p;

import static io.djlnpu.aie2p.Golden.same;
import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.numeric.Bfloat16;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PrimitivesTest {

    @Test
    void floorsToBf16() throws Exception {
        try (Golden golden = new Golden("prim_bf16_round")) {
            float[] x = golden.floats("x");
            float[] floor = golden.floats("floor");
            float[] nearest = golden.floats("nearest_even");
            for (int i = 0; i < x.length; i++) {
                same("floor of " + x[i], Floor.bf16(x[i]), floor[i]);
                same("nearest to " + x[i], Bfloat16.round(x[i]), nearest[i]);
            }
        }
    }

    @Test
    void multipliesByParts() throws Exception {
        try (Golden golden = new Golden("prim_fmul")) {
            float[] a = golden.floats("a");
            float[] b = golden.floats("b");
            float[] y = golden.floats("y");
            for (int i = 0; i < a.length; i++) {
                same(a[i] + " times " + b[i], SplitProduct.of(a[i], b[i]), y[i]);
            }
        }
    }

    @Test
    void addsInATree() throws Exception {
        try (Golden golden = new Golden("prim_tree_sum")) {
            float[] x = golden.floats("x");
            float[] of16 = golden.floats("lanes16");
            float[] of32 = golden.floats("lanes32");
            float[] squares = golden.floats("sumsq_lanes16");
            int width = x.length / of16.length;
            for (int i = 0; i < of16.length; i++) {
                same("16 lanes", TreeSum.of(x, i * width, width, TreeSum.LANES_16), of16[i]);
                same("32 lanes", TreeSum.of(x, i * width, width, TreeSum.LANES_32), of32[i]);
                same("squares", TreeSum.ofSquares(x, i * width, width), squares[i]);
            }
        }
    }

    @Test
    void findsTheReciprocalRoot() throws Exception {
        try (Golden golden = new Golden("prim_fast_rsqrt")) {
            float[] s = golden.floats("s");
            float[] y = golden.floats("y");
            for (int i = 0; i < s.length; i++) {
                same("root of " + s[i], InverseRoot.of(s[i]), y[i]);
            }
        }
    }

    @Test
    void looksTheExponentialUpForEveryInput() throws Exception {
        try (Golden golden = new Golden("prim_exp_lut")) {
            float[] x = golden.floats("x");
            float[] y = golden.floats("y_f32");
            float[] narrow = golden.floats("y_bf16_floor");
            for (int i = 0; i < x.length; i++) {
                same("exp of " + x[i], ExpTable.of(x[i]), y[i]);
                same("exp of " + x[i], Floor.bf16(ExpTable.of(x[i])), narrow[i]);
            }
            float[] whole = golden.floats("table_whole");
            float[] part = golden.floats("table_fraction");
            for (int i = 0; i < whole.length; i++) {
                same("whole " + i, ExpTable.whole(i), whole[i]);
                same("part " + i, ExpTable.part(i), part[i]);
            }
        }
    }

    @Test
    void looksTheReciprocalUp() throws Exception {
        try (Golden golden = new Golden("prim_inv")) {
            float[] x = golden.floats("x");
            float[] y = golden.floats("y");
            for (int i = 0; i < x.length; i++) {
                same("inverse of " + x[i], InverseTable.of(x[i]), y[i]);
            }
            byte[] table = golden.bytes("table_mantissa");
            for (int m = 0; m < table.length; m++) {
                assertThat(InverseTable.mantissa(m)).isEqualTo(table[m] & 0xff);
            }
        }
    }

    @Test
    void looksGeluUpForEveryInput() throws Exception {
        try (Golden golden = new Golden("gelu_lut")) {
            float[] x = golden.floats("x");
            float[] y = golden.floats("y");
            for (int i = 0; i < x.length; i++) {
                same("gelu of " + x[i], GeluTable.of(x[i]), y[i]);
            }
        }
    }

    @Test
    void blocksShareAnExponent() throws Exception {
        try (Golden golden = new Golden("prim_bfp16ebs8")) {
            float[] x = golden.floats("x");
            byte[] blocks = BlockFloat.encode(x, 0, x.length);
            assertThat(blocks).isEqualTo(golden.bytes("floor_bytes"));
            assertThat(blocks).isEqualTo(golden.bytes("floor_bytes_iron"));
            float[] decoded = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                decoded[i] = BlockFloat.decode(blocks, i / 8 * 9, i % 8);
            }
            same("decoded", decoded, golden.floats("floor_decoded"));
        }
    }

    @Test
    void aBlockOfEverySizeOfNumberAddsExactly() {
        float[] a = new float[8];
        Arrays.fill(a, 3);
        byte[] blocks = BlockFloat.encode(a, 0, 8);
        assertThat(BlockFloat.multiplyAdd(1, blocks, 0, blocks, 0)).isEqualTo(73);
    }
}
