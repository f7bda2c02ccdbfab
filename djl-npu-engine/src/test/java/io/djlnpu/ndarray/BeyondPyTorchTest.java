package io.djlnpu.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What PyTorch's binding cannot vouch for, against definitions. */
class BeyondPyTorchTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = Engine.getEngine("NPU").newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void inverseHyperbolicFunctionsUndoTheirOriginals() {
        double[] values = {-3, -0.5, -1e-9, 0, 1e-9, 0.25, 2};
        NDArray array = manager.create(values);
        close(array.sinh().asinh().toDoubleArray(), values, 1e-12);
        close(array.tanh().atanh().toDoubleArray(), values, 1e-12);
        close(
                array.abs().add(0.5).cosh().acosh().toDoubleArray(),
                array.abs().add(0.5).toDoubleArray(),
                1e-12);
    }

    @Test
    void deconvolutionIsTheTransposeOfConvolution() {
        // <conv(x), y> = <x, deconv(y)> holds for the transpose and for nothing else.
        for (int groups : new int[] {1, 2}) {
            NDArray x = manager.randomNormal(new Shape(1, 4, 7, 9));
            NDArray weight = manager.randomNormal(new Shape(6, 4 / groups, 3, 3));
            Shape stride = new Shape(2, 2);
            Shape padding = new Shape(1, 1);
            Shape one = new Shape(1, 1);
            NDArray forward =
                    x.getNDArrayInternal()
                            .convolution(x, weight, null, stride, padding, one, groups)
                            .head();
            NDArray y = manager.randomNormal(forward.getShape());
            NDArray back =
                    y.getNDArrayInternal()
                            .deconvolution(
                                    y, weight, null, stride, padding, new Shape(0, 0), one, groups)
                            .head();
            assertThat(back.getShape()).isEqualTo(x.getShape());
            assertThat(forward.mul(y).sum().getFloat())
                    .isCloseTo(x.mul(back).sum().getFloat(), within(1e-3f));
        }
    }

    @Test
    void traceTileOneHotAndMasksFollowTheContract() {
        NDArray cube = manager.arange(8f).reshape(2, 2, 2);
        assertThat(cube.trace().toFloatArray()).containsExactly(6, 8);
        assertThat(manager.create(new float[] {0, 1, 2}).tile(2).toFloatArray())
                .containsExactly(0, 1, 2, 0, 1, 2);
        NDArray matrix = manager.create(new float[][] {{1, 2}, {3, 4}});
        assertThat(matrix.tile(0, 2).toFloatArray()).containsExactly(1, 2, 3, 4, 1, 2, 3, 4);
        assertThat(matrix.tile(1, 2).toFloatArray()).containsExactly(1, 2, 1, 2, 3, 4, 3, 4);
        assertThat(matrix.tile(new Shape(4, 2)).toFloatArray())
                .containsExactly(1, 2, 3, 4, 1, 2, 3, 4);
        assertThat(
                        manager.create(new int[] {1, 0})
                                .oneHot(3, 5f, -1f, DataType.FLOAT32)
                                .toFloatArray())
                .containsExactly(-1, 5, -1, 5, -1, -1);
        NDArray rows = manager.create(new float[][] {{1, 2}, {3, 4}, {5, 6}});
        assertThat(
                        rows.booleanMask(manager.create(new boolean[] {true, false, true}))
                                .toFloatArray())
                .containsExactly(1, 2, 5, 6);
        NDArray batch = manager.arange(1f, 7f, 1f).reshape(2, 3);
        assertThat(batch.sequenceMask(manager.create(new int[] {1, 3}), -9).toFloatArray())
                .containsExactly(1, -9, -9, 4, 5, 6);
    }

    @Test
    void dotContractsTheLastAxisWithTheLastButOne() {
        NDArray a = manager.randomNormal(new Shape(2, 3, 4));
        NDArray b = manager.randomNormal(new Shape(5, 4, 6));
        NDArray product = a.dot(b);
        assertThat(product.getShape()).isEqualTo(new Shape(2, 3, 5, 6));
        for (int[] at : new int[][] {{0, 0, 0, 0}, {1, 2, 4, 5}, {1, 0, 3, 2}}) {
            float expected = 0;
            for (int k = 0; k < 4; k++) {
                expected += a.getFloat(at[0], at[1], k) * b.getFloat(at[2], k, at[3]);
            }
            assertThat(product.getFloat(at[0], at[1], at[2], at[3]))
                    .isCloseTo(expected, within(1e-5f));
        }
    }

    @Test
    void topKAgreesWithSortingOnAVocabulary() {
        Random random = new Random(3);
        float[] logits = new float[50_000];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = Math.round(random.nextGaussian() * 50) / 10f;
        }
        int[] expected =
                IntStream.range(0, logits.length)
                        .boxed()
                        .sorted((x, y) -> Float.compare(logits[y], logits[x]))
                        .mapToInt(i -> i)
                        .toArray();
        NDList top = manager.create(logits).topK(100, 0, true, true);
        assertThat(top.get(1).toLongArray())
                .containsExactly(Arrays.stream(expected).limit(100).asLongStream().toArray());
        NDList bottom = manager.create(logits).neg().topK(100, 0, false, true);
        assertThat(bottom.get(1)).isEqualTo(top.get(1));
    }

    @Test
    void everyTypeComputes() {
        for (DataType type :
                List.of(
                        DataType.BFLOAT16,
                        DataType.FLOAT16,
                        DataType.INT16,
                        DataType.UINT16,
                        DataType.UINT32,
                        DataType.UINT64)) {
            NDArray a = manager.create(new int[] {1, 2, 3, 4}).toType(type, false);
            NDArray b = a.mul(a).add(1);
            assertThat(b.getDataType()).as("%s", type).isEqualTo(type);
            assertThat(b.toType(DataType.INT32, false).toIntArray())
                    .as("%s", type)
                    .containsExactly(2, 5, 10, 17);
            assertThat(b.max().toType(DataType.INT64, false).getLong()).isEqualTo(17);
            assertThat(b.reshape(2, 2).get(":, 1").toType(DataType.INT64, false).toLongArray())
                    .containsExactly(5, 17);
        }
    }

    @Test
    void unsignedLongsAreUnsigned() {
        NDArray big = manager.create(new long[] {-1, 1}).toType(DataType.UINT64, false);
        assertThat(big.toType(DataType.FLOAT64, false).toDoubleArray()).containsExactly(0x1p64, 1);
        assertThat(big.max().eq(big.get(0)).getBoolean()).isTrue();
        assertThat(big.argMax().getLong()).isZero();
        assertThat(big.gt(5).toBooleanArray()).containsExactly(true, false);
        assertThat(big.toType(DataType.FLOAT64, false).toType(DataType.UINT64, false).get(1))
                .isEqualTo(big.get(1));
    }

    @Test
    void samplesFollowTheirDistributions() {
        Engine.getEngine("NPU").setRandomSeed(11);
        int n = 20_000;
        NDArray poisson = manager.samplePoisson(manager.create(new float[] {3, 40}), new Shape(n));
        close(poisson.mean(new int[] {1}).toFloatArray(), new double[] {3, 40}, 0.2);
        NDArray gamma =
                manager.sampleGamma(
                        manager.create(new float[] {0.5f, 4}),
                        manager.create(new float[] {2, 0.5f}),
                        new Shape(n));
        close(gamma.mean(new int[] {1}).toFloatArray(), new double[] {1, 2}, 0.06);
        NDArray counts =
                manager.randomMultinomial(n, manager.create(new float[] {0.2f, 0.5f, 0.3f}));
        close(
                counts.toType(DataType.FLOAT32, false).div((float) n).toFloatArray(),
                new double[] {0.2, 0.5, 0.3},
                0.02);
        NDArray normal =
                manager.sampleNormal(
                        manager.create(new float[] {5}),
                        manager.create(new float[] {2}),
                        new Shape(n));
        assertThat(normal.mean().getFloat()).isCloseTo(5f, within(0.06f));
    }

    @Test
    void detectionsOverlappingABetterOneAreSuppressed() {
        NDArray anchors =
                manager.create(
                        new float[] {0, 0, 0.5f, 0.5f, 0, 0, 0.5f, 0.45f, 0.5f, 0.5f, 1, 1},
                        new Shape(1, 3, 4));
        NDArray probabilities =
                manager.create(
                        new float[] {0.1f, 0.2f, 0.3f, 0.9f, 0.8f, 0.7f}, new Shape(1, 2, 3));
        NDList inputs = new NDList(probabilities, manager.zeros(new Shape(1, 12)), anchors);
        NDArray found =
                anchors.getNDArrayInternal()
                        .multiBoxDetection(inputs, true, 0.5f, 0, 0.5f, false, -1)
                        .head();
        assertThat(found.get(new NDIndex("0, :, 0")).toFloatArray()).containsExactly(0, -1, 0);
        assertThat(found.get(new NDIndex("0, 0")).toFloatArray())
                .containsExactly(0, 0.9f, 0, 0, 0.5f, 0.5f);
    }

    @Test
    void cornersOfTheContractHold() {
        assertThat(manager.create(5f).tile(1, 3).getShape()).isEqualTo(new Shape(1, 3));
        assertThat(manager.create(true).contentEquals(1)).isFalse();
        assertThat(manager.create(5f).contentEquals(5f)).isTrue();
        assertThat(
                        manager.sampleNormal(
                                        manager.create(new double[] {1}),
                                        manager.create(new double[] {2}))
                                .getDataType())
                .isEqualTo(DataType.FLOAT32);
        NDArray scalar = manager.create(5f);
        assertThatThrownBy(() -> scalar.booleanMask(manager.create(true)))
                .isInstanceOf(IllegalArgumentException.class);
        NDArray empty = manager.create(new Shape(1, 0, 0));
        assertThatThrownBy(() -> empty.sequenceMask(manager.create(new float[] {1})))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(scalar.nonzero()).isEqualTo(manager.create(new long[][] {{0}}));
        assertThatThrownBy(() -> empty.argMax()).isInstanceOf(IllegalArgumentException.class);
        NDManager capped = manager.newSubManager();
        NDArray inside = capped.ones(new Shape(3, 4));
        capped.cap();
        assertThatThrownBy(() -> inside.get(1)).isInstanceOf(IllegalStateException.class);
        assertThat(inside.get(manager, 1).getManager()).isSameAs(manager);
    }

    @Test
    void mistakesAreNamed() {
        NDArray a = manager.ones(new Shape(2, 3));
        assertThatThrownBy(() -> a.add(manager.ones(new Shape(2))))
                .hasMessageContaining("(2, 3)")
                .hasMessageContaining("(2)");
        assertThatThrownBy(() -> a.get("5"))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("5");
        assertThatThrownBy(() -> a.reshape(4, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> a.setRequiresGradient(true)).hasMessageContaining("train");
        assertThatThrownBy(() -> a.toSparse(SparseFormat.CSR)).hasMessageContaining("dense");
    }

    private static void close(double[] actual, double[] expected, double tolerance) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(tolerance));
        }
    }

    private static void close(float[] actual, double[] expected, double tolerance) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(tolerance));
        }
    }
}
