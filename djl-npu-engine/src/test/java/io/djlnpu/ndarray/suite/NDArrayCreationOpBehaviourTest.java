package io.djlnpu.ndarray.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NDArrayCreationOpBehaviourTest extends ArrayBehaviour {

    private static final Shape[] SHAPES = {
        new Shape(4), new Shape(3, 2), new Shape(), new Shape(0, 2)
    };

    @Test
    void creation() {
        NDArray matrix = manager.create(new float[] {4, 3, 2, 1}, new Shape(2, 2));
        assertThat(matrix.toFloatArray()).containsExactly(4, 3, 2, 1);
        assertThat(matrix.getShape()).isEqualTo(new Shape(2, 2));
        NDArray scalar = manager.create(-7.5f);
        assertThat(scalar.getFloat()).isEqualTo(-7.5f);
        assertThat(scalar.getShape()).isEqualTo(new Shape());
        NDArray nothing = manager.create(new float[0], new Shape(3, 0));
        assertThat(nothing.getShape()).isEqualTo(new Shape(3, 0));
        assertThat(nothing.toArray()).isEmpty();

        double[] row = IntStream.range(0, 50).asDoubleStream().toArray();
        NDArray vector = manager.create(row);
        same(vector, manager.arange(0, 50, 1, DataType.FLOAT64, vector.getDevice()));
        same(
                manager.create(new double[][] {row, row}),
                NDArrays.stack(new NDList(manager.create(row), manager.create(row))));

        NDArray flags = booleans(new Shape(2, 2), false, true, true, false);
        NDArray bits = ints(new Shape(2, 2), 0, 1, 1, 0);
        same(flags.toType(DataType.INT32, false), bits);
        same(bits.toType(DataType.BOOLEAN, false), flags);
    }

    @Test
    @Tag("refused")
    void createCSRMatrix() {
        assertThatThrownBy(
                        () ->
                                manager.createCSR(
                                        FloatBuffer.wrap(new float[] {7}),
                                        new long[] {0, 1},
                                        new long[] {2},
                                        new Shape(1, 4)))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    @Tag("refused")
    void createRowSparseMatrix() {
        assertThatThrownBy(
                        () ->
                                manager.createRowSparse(
                                        FloatBuffer.wrap(new float[] {1, 2}),
                                        new Shape(1, 2),
                                        new long[] {1},
                                        new Shape(3, 2)))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    @Tag("refused")
    void createCooMatrix() {
        assertThatThrownBy(
                        () ->
                                manager.createCoo(
                                        FloatBuffer.wrap(new float[] {3}),
                                        new long[][] {{0}, {1}},
                                        new Shape(2, 4)))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    /** DJL's method takes a sparse array or a refusal. */
    @Test
    void createNDArrayAndConvertToSparse() {
        NDArray array = manager.ones(new Shape(3, 5));
        for (SparseFormat format : new SparseFormat[] {SparseFormat.CSR, SparseFormat.COO}) {
            assertThatThrownBy(() -> array.toSparse(format))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining(format.name());
        }
        assertThat(array.isSparse()).isFalse();
        assertThat(array.getSparseFormat()).isEqualTo(SparseFormat.DENSE);
        same(array.toDense(), array);
    }

    @Test
    void duplicate() {
        for (Shape shape : SHAPES) {
            NDArray array = manager.full(shape, 2.5f);
            NDArray copy = array.duplicate();
            assertThat(copy).isNotSameAs(array);
            same(copy, array);
            array.addi(1);
            same(copy, manager.full(shape, 2.5f));
        }
    }

    @Test
    void zeros() {
        for (Shape shape : SHAPES) {
            same(manager.zeros(shape), manager.create(new float[(int) shape.size()], shape));
        }
    }

    @Test
    void ones() {
        for (Shape shape : SHAPES) {
            same(manager.ones(shape), manager.create(filled(shape, 1), shape));
        }
    }

    @Test
    void full() {
        same(manager.full(new Shape(3), 6), ints(new Shape(3), 6, 6, 6));
        same(manager.full(new Shape(2, 2), -9), ints(new Shape(2, 2), -9, -9, -9, -9));
        same(manager.full(new Shape(), 4), manager.create(4));
        for (Shape shape : SHAPES) {
            same(manager.full(shape, 0.5f), manager.create(filled(shape, 0.5f), shape));
        }
    }

    @Test
    void zerosLike() {
        for (Shape shape : SHAPES) {
            same(manager.full(shape, 3f).zerosLike(), manager.zeros(shape));
        }
    }

    @Test
    void onesLike() {
        for (Shape shape : SHAPES) {
            same(manager.full(shape, 3f).onesLike(), manager.ones(shape));
        }
    }

    @Test
    void arange() {
        same(manager.arange(5), ints(new Shape(5), 0, 1, 2, 3, 4));
        same(manager.arange(2, 9, 3), ints(new Shape(3), 2, 5, 8));
        same(manager.arange(2.5f), floats(0, 1, 2));
        close(manager.arange(0.2f, 1.5f, 0.4f), floats(0.2f, 0.6f, 1, 1.4f));
        close(manager.arange(0f, 1.6f, 0.4f), floats(0, 0.4f, 0.8f, 1.2f));
        same(manager.arange(3f, 1f, 1f), empty(0));
        same(manager.arange(0f, -1f), empty(0));
    }

    @Test
    void eye() {
        same(manager.eye(2), floats(new Shape(2, 2), 1, 0, 0, 1));
        same(manager.eye(3, 2, 0), floats(new Shape(3, 2), 1, 0, 0, 1, 0, 0));
        same(manager.eye(2, 3, 0), floats(new Shape(2, 3), 1, 0, 0, 0, 1, 0));
    }

    @Test
    void linspace() {
        same(manager.linspace(0f, 4f, 5, true, manager.getDevice()), manager.arange(5f));
        same(manager.linspace(0f, 5f, 5, false, manager.getDevice()), manager.arange(5f));
        same(manager.linspace(4, 0, 4, false, manager.getDevice()), floats(4, 3, 2, 1));
        same(manager.linspace(6, 6, 3), floats(6, 6, 6));
        same(manager.linspace(0, 9, 0), empty(0));
    }

    @Test
    void randomInteger() {
        for (long[] bounds : new long[][] {{0, 3}, {-5_000_000, 4_000_000}, {1L << 40, 1L << 41}}) {
            NDArray numbers =
                    manager.randomInteger(
                            bounds[0], bounds[1], new Shape(100, 100), DataType.INT64);
            assertThat(numbers.min().getLong()).isGreaterThanOrEqualTo(bounds[0]);
            assertThat(numbers.max().getLong()).isLessThan(bounds[1]);
            double width = (double) bounds[1] - bounds[0];
            double middle = (bounds[0] + bounds[1] - 1) / 2.0;
            assertThat(numbers.toType(DataType.FLOAT64, false).mean().getDouble())
                    .isCloseTo(middle, within(width / 50));
        }
    }

    @Test
    void randomPermutation() {
        long[] order = manager.randomPermutation(20).toLongArray();
        Arrays.sort(order);
        assertThat(order).isEqualTo(IntStream.range(0, 20).asLongStream().toArray());
    }

    @Test
    void randomUniform() {
        NDArray uniform = manager.randomUniform(-2, 6, new Shape(500, 500));
        assertThat(uniform.min().getFloat()).isGreaterThanOrEqualTo(-2);
        assertThat(uniform.max().getFloat()).isLessThan(6);
        assertThat(uniform.mean().getFloat()).isCloseTo(2, within(0.05f));
    }

    @Test
    void randomNormal() {
        NDArray normal = manager.randomNormal(new Shape(500, 500));
        moments(normal.flatten(), 0, 1);
    }

    @Test
    void truncatedNormal() {
        NDArray normal = manager.truncatedNormal(new Shape(500, 500));
        assertThat(normal.mean().getFloat()).isCloseTo(0, within(0.02f));
        assertThat(normal.gte(-2).all().getBoolean()).isTrue();
        assertThat(normal.lte(2).all().getBoolean()).isTrue();
    }

    @Test
    void fixedSeed() {
        Engine engine = Engine.getEngine("NPU");
        engine.setRandomSeed(77);
        NDArray uniform = manager.randomUniform(-1, 1, new Shape(9, 9));
        NDArray normal = manager.randomNormal(new Shape(9, 9));
        assertThat(manager.randomUniform(-1, 1, new Shape(9, 9))).isNotEqualTo(uniform);
        engine.setRandomSeed(77);
        same(manager.randomUniform(-1, 1, new Shape(9, 9)), uniform);
        same(manager.randomNormal(new Shape(9, 9)), normal);
    }

    @Test
    void samplePoisson() {
        NDArray rates = manager.create(new double[] {2, 6.5});
        assertThat(manager.samplePoisson(rates).getShape()).isEqualTo(new Shape(2));
        NDArray draws = manager.samplePoisson(rates, new Shape(400, 400));
        assertThat(draws.getShape()).isEqualTo(new Shape(2, 400, 400));
        moments(draws.get(0).flatten(), 2, 2);
        moments(draws.get(1).flatten(), 6.5, 6.5);
    }

    @Test
    void sampleGamma() {
        NDArray alpha = manager.create(new double[] {0, 3});
        NDArray beta = manager.create(new double[] {1, 0.5});
        assertThat(manager.sampleGamma(alpha, beta).getShape()).isEqualTo(new Shape(2));
        NDArray draws = manager.sampleGamma(alpha, beta, new Shape(400, 400));
        assertThat(draws.getShape()).isEqualTo(new Shape(2, 400, 400));
        moments(draws.get(0).flatten(), 0, 0);
        moments(draws.get(1).flatten(), 1.5, 0.75);
    }

    @Test
    void sampleNormal() {
        NDArray mean = manager.create(new double[] {-1, 4});
        NDArray deviation = manager.create(new double[] {2, 0.5});
        assertThat(manager.sampleNormal(mean, deviation).getShape()).isEqualTo(new Shape(2));
        NDArray draws = manager.sampleNormal(mean, deviation, new Shape(400, 400));
        assertThat(draws.getShape()).isEqualTo(new Shape(2, 400, 400));
        moments(draws.get(0).flatten(), -1, 4);
        moments(draws.get(1).flatten(), 4, 0.25);
    }

    @Test
    void hanningWindow() {
        close(manager.hanningWindow(4), floats(0, 0.5f, 1, 0.5f));
        close(manager.hanningWindow(6), floats(0, 0.25f, 0.75f, 1, 0.75f, 0.25f));
    }

    private static float[] filled(Shape shape, float value) {
        float[] values = new float[(int) shape.size()];
        Arrays.fill(values, value);
        return values;
    }

    private static void moments(NDArray draws, double mean, double variance) {
        NDArray doubles = draws.toType(DataType.FLOAT64, false);
        double found = doubles.mean().getDouble();
        assertThat(found).isCloseTo(mean, within(0.02 * (1 + Math.abs(mean))));
        assertThat(doubles.sub(found).square().mean().getDouble())
                .isCloseTo(variance, within(0.03 * (1 + variance)));
    }
}
