package io.djlnpu.ndarray.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.Hex;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NDArrayOtherOpBehaviourTest extends ArrayBehaviour {

    @Test
    void copyTo() {
        for (NDArray source :
                new NDArray[] {
                    floats(4, 5, 6),
                    manager.arange(24f).reshape(2, 3, 1, 4),
                    manager.create(-2f),
                    empty(3, 0, 2)
                }) {
            NDArray target = manager.zeros(source.getShape());
            source.copyTo(target);
            same(target, source);
        }
    }

    @Test
    void nonZero() {
        same(
                manager.ones(new Shape(2, 2)).nonzero(),
                longs(new Shape(4, 2), 0, 0, 0, 1, 1, 0, 1, 1));
        same(
                floats(new Shape(1, 2, 3), 0, -1, 0, 0, 0, 0.5f).nonzero(),
                longs(new Shape(2, 3), 0, 0, 1, 0, 1, 2));
        same(manager.create(3f).nonzero(), longs(new Shape(1, 1), 0));
        same(empty(4, 0).nonzero(), manager.create(new Shape(0, 2), DataType.INT64));
    }

    @Test
    void all() {
        assertThat(manager.arange(4).all().getBoolean()).isFalse();
        assertThat(manager.arange(4).add(1f).reshape(2, 2).all().getBoolean()).isTrue();
        assertThat(booleans(true, false).all().getBoolean()).isFalse();
        assertThat(manager.create(2f).all().getBoolean()).isTrue();
        assertThat(manager.create(false).all().getBoolean()).isFalse();
        assertThat(empty(0).all().getBoolean()).isTrue();
    }

    @Test
    void any() {
        assertThat(manager.arange(4).any().getBoolean()).isTrue();
        assertThat(manager.zeros(new Shape(3)).any().getBoolean()).isFalse();
        assertThat(booleans(new Shape(2, 1), false, true).any().getBoolean()).isTrue();
        assertThat(manager.eye(3).any().getBoolean()).isTrue();
        assertThat(manager.create(2f).any().getBoolean()).isTrue();
        assertThat(manager.create(false).any().getBoolean()).isFalse();
        assertThat(empty(0).any().getBoolean()).isFalse();
    }

    @Test
    void none() {
        assertThat(manager.arange(4).none().getBoolean()).isFalse();
        assertThat(manager.zeros(new Shape(3)).none().getBoolean()).isTrue();
        assertThat(booleans(new Shape(2, 1), false, false).none().getBoolean()).isTrue();
        assertThat(manager.eye(3).none().getBoolean()).isFalse();
        assertThat(manager.create(2f).none().getBoolean()).isFalse();
        assertThat(manager.create(false).none().getBoolean()).isTrue();
        assertThat(empty(0).none().getBoolean()).isTrue();
    }

    @Test
    void countNonzero() {
        assertThat(manager.arange(5).countNonzero().getLong()).isEqualTo(4);
        assertThat(floats(new Shape(2, 2), -0.25f, 0, 3, -900).countNonzero().getLong())
                .isEqualTo(3);
        assertThat(manager.create(7f).countNonzero().getLong()).isEqualTo(1);
        assertThat(empty(2, 0).countNonzero().getLong()).isZero();
    }

    @Test
    void isNaN() {
        same(floats(Float.NaN, 1).isNaN(), booleans(true, false));
        same(
                floats(new Shape(2, 2), 0, Float.NaN, Float.POSITIVE_INFINITY, -1).isNaN(),
                booleans(new Shape(2, 2), false, true, false, false));
        same(manager.create(Float.NaN).isNaN(), manager.create(true));
        same(empty(0).isNaN(), manager.create(new Shape(0), DataType.BOOLEAN));
    }

    @Test
    void intern() {
        NDArray original = manager.ones(new Shape(3, 2));
        NDArray replacement = manager.arange(4f);
        original.intern(replacement);
        same(original, manager.arange(4f));
        assertThatThrownBy(replacement::toFloatArray).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void booleanMask() {
        NDArray array = manager.arange(6f);
        NDArray mask = booleans(false, true, true, false, false, true);
        same(array.booleanMask(mask), floats(1, 2, 5));
        same(NDArrays.booleanMask(array, mask), floats(1, 2, 5));
        same(
                array.reshape(2, 1, 3).booleanMask(booleans(false, true)),
                floats(new Shape(1, 1, 3), 3, 4, 5));
        same(empty(1, 0).booleanMask(booleans(false)), empty(0, 0));
        NDArray scalar = manager.create(5f);
        assertThatThrownBy(() -> scalar.booleanMask(manager.create(true)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void set() {
        NDArray scalar = manager.create(1f);
        scalar.set(FloatBuffer.wrap(new float[] {-8}));
        same(scalar, manager.create(-8f));
        NDArray box = manager.zeros(new Shape(2, 1, 2));
        box.set(FloatBuffer.wrap(new float[] {4, 3, 2, 1}));
        same(box, floats(new Shape(2, 1, 2), 4, 3, 2, 1));
        NDArray two = manager.zeros(new Shape(2));
        two.set(FloatBuffer.wrap(new float[] {9, 8, 7}));
        same(two, floats(9, 8));
        assertThatThrownBy(() -> two.set(FloatBuffer.wrap(new float[] {1})))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void setBoolean() {
        NDArray array = manager.arange(6f).reshape(2, 3);
        array.set(array.gt(3), -1f);
        same(array, floats(new Shape(2, 3), 0, 1, 2, 3, -1, -1));
        array.set(array.gt(100), 5f);
        same(array, floats(new Shape(2, 3), 0, 1, 2, 3, -1, -1));
    }

    @Test
    void sequenceMask() {
        NDArray array = floats(new Shape(2, 3), 1, 2, 3, 4, 5, 6);
        NDArray lengths = floats(2, 1);
        NDArray expected = floats(new Shape(2, 3), 1, 2, 0, 4, 0, 0);
        same(array.sequenceMask(lengths), expected);
        same(NDArrays.sequenceMask(array, lengths), expected);
        assertThatThrownBy(() -> empty(1, 0, 0).sequenceMask(floats(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sequenceMaskWithScalarInput() {
        NDArray scalar = manager.create(new Shape());
        assertThatThrownBy(() -> scalar.sequenceMask(floats(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sequenceMaskWithScalarSequenceLength() {
        NDArray array = manager.zeros(new Shape(1, 1, 1));
        assertThatThrownBy(() -> array.sequenceMask(floats()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void argSort() {
        same(floats(3, -7, 0.5f, 900).argSort(), longs(new Shape(4), 1, 2, 0, 3));
        same(
                floats(new Shape(1, 3, 1), 3, 1, 2).argSort(),
                manager.zeros(new Shape(1, 3, 1), DataType.INT64));
        NDArray box = manager.arange(6).reshape(2, 1, 3);
        same(box.argSort(0), longs(new Shape(2, 1, 3), 0, 0, 0, 1, 1, 1));
        same(box.argSort(1), manager.zeros(new Shape(2, 1, 3), DataType.INT64));
        same(box.argSort(2), longs(new Shape(2, 1, 3), 0, 1, 2, 0, 1, 2));
        same(box.argSort(2, false), longs(new Shape(2, 1, 3), 2, 1, 0, 2, 1, 0));
    }

    @Test
    void sort() {
        same(floats(3, -7, 0.5f).sort(), floats(-7, 0.5f, 3));
        NDArray box = floats(new Shape(2, 1, 2), 4, 1, 3, 2);
        same(box.sort(), floats(new Shape(2, 1, 2), 1, 4, 2, 3));
        same(box.sort(0), floats(new Shape(2, 1, 2), 3, 1, 4, 2));
        same(box.sort(1), box);
        same(box.sort(2), floats(new Shape(2, 1, 2), 1, 4, 2, 3));
        NDArray scalar = manager.create(5f);
        same(scalar.sort(), scalar);
        NDArray nothing = empty(1, 0, 1);
        same(nothing.sort(), nothing);
        for (int axis = 0; axis < 3; axis++) {
            same(nothing.sort(axis), nothing);
        }
    }

    @Test
    void softmax() {
        close(manager.full(new Shape(4), 2f).softmax(0), manager.full(new Shape(4), 0.25f));
        NDArray box = manager.ones(new Shape(2, 5, 1));
        close(box.softmax(0), manager.full(new Shape(2, 5, 1), 0.5f));
        close(box.softmax(1), manager.full(new Shape(2, 5, 1), 0.2f));
        close(box.softmax(2), manager.ones(new Shape(2, 5, 1)));
        close(floats(0, (float) Math.log(3)).softmax(0), floats(0.25f, 0.75f));
        same(manager.create(7f).softmax(0), manager.create(1f));
        same(empty(2, 0, 1).softmax(0), empty(2, 0, 1));
    }

    @Test
    void logSoftmax() {
        NDArray box = manager.ones(new Shape(2, 5, 1));
        close(box.logSoftmax(0), manager.full(new Shape(2, 5, 1), (float) -Math.log(2)));
        close(box.logSoftmax(1), manager.full(new Shape(2, 5, 1), (float) -Math.log(5)));
        close(
                floats(0, (float) Math.log(3)).logSoftmax(0),
                floats((float) Math.log(0.25), (float) Math.log(0.75)));
        same(manager.create(7f).logSoftmax(0), manager.create(0f));
        same(empty(2, 0, 1).logSoftmax(0), empty(2, 0, 1));
    }

    @Test
    void cumsum() {
        same(manager.arange(5f).cumSum(), floats(0, 1, 3, 6, 10));
        same(floats(2, -1, 5).cumSum(0), floats(2, 1, 6));
        NDArray box = manager.arange(6f).reshape(2, 1, 3);
        same(box.cumSum(0), floats(new Shape(2, 1, 3), 0, 1, 2, 3, 5, 7));
        same(box.cumSum(1), box);
        same(box.cumSum(2), floats(new Shape(2, 1, 3), 0, 1, 3, 3, 7, 12));
        same(manager.create(4f).cumSum(), floats(4));
        same(empty(2, 0).cumSum(), empty(0));
    }

    @Test
    void tile() {
        NDArray array = floats(new Shape(2, 2), 1, 2, 3, 4);
        same(
                array.tile(2),
                floats(new Shape(4, 4), 1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4));
        NDArray down = floats(new Shape(4, 2), 1, 2, 3, 4, 1, 2, 3, 4);
        same(array.tile(0, 2), down);
        same(array.tile(new long[] {2, 1}), down);
        same(array.tile(new Shape(4)), floats(new Shape(2, 4), 1, 2, 1, 2, 3, 4, 3, 4));
        NDArray scalar = manager.create(5f);
        same(scalar.tile(1, 2), floats(new Shape(1, 2), 5, 5));
        same(scalar.tile(3), floats(5, 5, 5));
        same(empty(2, 0).tile(5), empty(2, 0));
        same(empty(2, 0).tile(0, 5), empty(10, 0));
        assertThatThrownBy(() -> array.tile(new Shape(2, 2, 3)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void repeat() {
        NDArray array = floats(new Shape(2, 2), 1, 2, 3, 4);
        same(
                array.repeat(2),
                floats(new Shape(4, 4), 1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4));
        NDArray down = floats(new Shape(4, 2), 1, 2, 1, 2, 3, 4, 3, 4);
        same(array.repeat(0, 2), down);
        same(array.repeat(new long[] {2, 1}), down);
        same(
                array.repeat(new Shape(6)),
                floats(new Shape(2, 6), 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4));
    }

    @Test
    void clip() {
        NDArray array = floats(new Shape(2, 1, 2), 9, 4.5f, -3, 2);
        NDArray expected = floats(new Shape(2, 1, 2), 5, 4.5f, 1, 2);
        same(array.clip(1, 5), expected);
        same(array.clip(1.0, 5.0), expected);
        same(manager.create(5f).clip(0, 1), manager.create(1f));
        same(empty(0, 0).clip(0.0, 1.0), empty(0, 0));
    }

    @Test
    void swapAxes() {
        same(
                manager.arange(6f).reshape(2, 3).swapAxes(0, 1),
                floats(new Shape(3, 2), 0, 3, 1, 4, 2, 5));
        same(empty(2, 0).swapAxes(0, 1), empty(0, 2));
    }

    @Test
    void flip() {
        same(floats(1, 2, 3).flip(0), floats(3, 2, 1));
        NDArray square = floats(new Shape(2, 2), 1, 2, 3, 4);
        same(square.flip(1), floats(new Shape(2, 2), 2, 1, 4, 3));
        same(square.flip(0, 1), floats(new Shape(2, 2), 4, 3, 2, 1));
    }

    @Test
    void transpose() {
        NDArray box = manager.arange(6f).reshape(1, 2, 3);
        same(box.transpose(), floats(new Shape(3, 2, 1), 0, 3, 1, 4, 2, 5));
        same(box.transpose(1, 0, 2), manager.arange(6f).reshape(2, 1, 3));
        NDArray scalar = manager.create(5f);
        same(scalar.transpose(), scalar);
        assertThatThrownBy(() -> scalar.transpose(0)).isInstanceOf(IllegalArgumentException.class);
        same(empty(2, 0, 1).transpose(), empty(1, 0, 2));
        same(empty(2, 0, 1).transpose(0, 2, 1), empty(2, 1, 0));
    }

    @Test
    void rot90() {
        NDArray square = floats(new Shape(2, 2), 1, 2, 3, 4);
        same(square.rotate90(1, new int[] {0, 1}), floats(new Shape(2, 2), 2, 4, 1, 3));
        same(square.rotate90(1, new int[] {1, 0}), floats(new Shape(2, 2), 3, 1, 4, 2));
        same(square.rotate90(2, new int[] {0, 1}), floats(new Shape(2, 2), 4, 3, 2, 1));
        same(
                manager.arange(12).reshape(2, 2, 3).rotate90(1, new int[] {1, 2}).get(1),
                ints(new Shape(3, 2), 8, 11, 7, 10, 6, 9));
    }

    @Test
    void broadcast() {
        same(floats(4, 5).broadcast(2, 2), floats(new Shape(2, 2), 4, 5, 4, 5));
        NDArray square = manager.arange(4).reshape(2, 2);
        same(square.broadcast(2, 2, 2), NDArrays.stack(new NDList(square, square)));
        same(manager.create(1f).broadcast(2, 3), manager.ones(new Shape(2, 3)));
        same(empty(2, 0, 1).broadcast(3, 2, 0, 2), empty(3, 2, 0, 2));
    }

    @Test
    void argMax() {
        NDArray array = floats(new Shape(2, 3), 4, 8, -1, 6, 7, 0);
        same(array.argMax(), manager.create(1L));
        same(array.argMax(0), longs(new Shape(3), 1, 0, 1));
        same(array.argMax(1), longs(new Shape(2), 1, 1));
        same(manager.create(5f).argMax(), manager.create(0L));
        same(manager.create(5f).argMax(0), manager.create(0L));
        NDArray nothing = empty(2, 0, 1);
        same(nothing.argMax(0), manager.create(new Shape(0, 1), DataType.INT64));
        assertThatThrownBy(nothing::argMax).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void argMin() {
        NDArray array = floats(new Shape(2, 3), 4, 8, -1, 6, 7, 0);
        same(array.argMin(), manager.create(2L));
        same(array.argMin(0), longs(new Shape(3), 0, 1, 0));
        same(array.argMin(1), longs(new Shape(2), 2, 2));
        same(manager.create(5f).argMin(), manager.create(0L));
        same(manager.create(5f).argMin(0), manager.create(0L));
        NDArray nothing = empty(0, 1, 0);
        same(nothing.argMin(1), manager.create(new Shape(0, 0), DataType.INT64));
        assertThatThrownBy(nothing::argMin).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void encodeDecode() {
        NDArray array = manager.create(new byte[] {5, -1}, new Shape(2));
        same(NDArray.decode(manager, array.encode()), array);
        array.setName("pair");
        assertThat(NDArray.decode(manager, array.encode()).getName()).isEqualTo("pair");
        // The format's first version: no name, no byte order.
        byte[] firstVersion =
                Hex.toByteArray(
                        "00044e444152" // magic
                                + "00000001"
                                + "000544454e5345" // DENSE
                                + "0004494e5438" // INT8
                                + "00000001"
                                + "0000000000000002"
                                + "00000001"
                                + "003f"
                                + "00000002"
                                + "05ff");
        same(NDArray.decode(manager, firstVersion), array);
    }

    @Test
    void erfinv() {
        float infinity = Float.POSITIVE_INFINITY;
        close(
                floats(new Shape(5, 1), -1, -0.5f, 0, 0.25f, 1).erfinv(),
                floats(new Shape(5, 1), -infinity, -0.4769363f, 0, 0.2253120f, infinity));
        same(manager.create(1f).erfinv(), manager.create(infinity));
        same(empty(2, 0).erfinv(), empty(2, 0));
    }

    @Test
    void norm() {
        close(floats(3, 0, -4).norm(), manager.create(5f));
        NDArray matrix = floats(new Shape(2, 2), 1, 2, -2, 4);
        close(matrix.norm(), manager.create(5f));
        same(floats(-6).norm(), manager.create(6f));
        assertThat(floats().norm().getFloat()).isZero();
        NDArray columns = floats((float) Math.sqrt(5), (float) Math.sqrt(20));
        close(matrix.norm(new int[] {0}), columns);
        close(matrix.norm(new int[] {0}, true), columns.reshape(1, 2));
        close(matrix.norm(true), floats(new Shape(1, 1), 5));
    }

    @Test
    void oneHot() {
        NDArray classes = ints(new Shape(3), 2, 0, 1);
        same(classes.oneHot(3), floats(new Shape(3, 3), 0, 0, 1, 1, 0, 0, 0, 1, 0));
        same(
                classes.oneHot(3, 5f, -1f, DataType.INT32),
                ints(new Shape(3, 3), -1, -1, 5, 5, -1, -1, -1, 5, -1));
        same(ints(new Shape(1, 2), 1, 0).oneHot(2), floats(new Shape(1, 2, 2), 0, 1, 1, 0));
    }

    @Test
    @Tag("refused")
    void stopGradient() {
        same(floats(1, 2).stopGradient(), floats(1, 2));
        assertThatThrownBy(() -> floats(1).setRequiresGradient(true))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    @Tag("refused")
    void scaleGradient() {
        same(floats(1, 2).scaleGradient(0.5), floats(1, 2));
        assertThatThrownBy(() -> floats(1).setRequiresGradient(true))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    @Tag("contract")
    void isInfinite() {
        same(
                floats(Float.NEGATIVE_INFINITY, 1, Float.NaN, Float.POSITIVE_INFINITY).isInfinite(),
                booleans(true, false, false, true));
    }

    @Test
    @Tag("contract")
    void inverse() {
        close(
                floats(new Shape(2, 2), 4, 7, 2, 6).inverse(),
                floats(new Shape(2, 2), 0.6f, -0.7f, -0.2f, 0.4f));
    }

    @Test
    @Tag("contract")
    void normalize() {
        close(
                floats(new Shape(2, 2), 3, 4, 6, 8).normalize(2, 1),
                floats(new Shape(2, 2), 0.6f, 0.8f, 0.6f, 0.8f));
    }

    @Test
    @Tag("contract")
    void unique() {
        NDList found = floats(3, 1, 3, 2, 1).unique(null, true, true, true);
        same(found.get(0), floats(1, 2, 3));
        same(found.get(1), longs(new Shape(5), 2, 0, 2, 1, 0));
        same(found.get(2), longs(new Shape(3), 2, 1, 2));
    }

    @Test
    @Tag("contract")
    void diff() {
        same(floats(1, 4, 9, 16).diff(1, 0), floats(3, 5, 7));
        same(floats(1, 4, 9, 16).diff(2, 0), floats(2, 2));
        same(floats(new Shape(2, 2), 1, 4, 9, 16).diff(1, 0), floats(new Shape(1, 2), 8, 12));
    }

    @Test
    @Tag("contract")
    void fft() {
        // A cosine of one turn in four samples: half of it in the first, half in the last bin.
        NDArray bins = floats(1, 0, -1, 0).fft(4, 0).real();
        close(bins, floats(new Shape(4, 2), 0, 0, 2, 0, 0, 0, 2, 0), 1e-6);
        close(
                floats(1, 0, -1, 0).fft(4, 0).ifft(4, 0).real(),
                floats(new Shape(4, 2), 1, 0, 0, 0, -1, 0, 0, 0),
                1e-6);
    }

    @Test
    @Tag("contract")
    void fft2() {
        NDArray plane = floats(new Shape(2, 2), 1, 2, 3, 4);
        NDArray bins = plane.fft2(new long[] {2, 2}, new long[] {0, 1});
        close(bins.real(), floats(new Shape(2, 2, 2), 10, 0, -2, 0, -4, 0, 0, 0), 1e-6);
        close(
                bins.ifft2(new long[] {2, 2}, new long[] {0, 1}).real(),
                floats(new Shape(2, 2, 2), 1, 0, 2, 0, 3, 0, 4, 0),
                1e-6);
    }

    @Test
    @Tag("contract")
    void rfft() {
        NDArray bins = floats(1, 2, 3, 4).rfft(4, 0);
        close(bins.real(), floats(new Shape(3, 2), 10, 0, -2, 2, -2, 0), 1e-6);
        close(bins.irfft(4, 0), floats(1, 2, 3, 4), 1e-6);
    }

    @Test
    @Tag("contract")
    void stft() {
        NDArray signal = manager.ones(new Shape(8));
        NDArray frames = signal.stft(4, 2, false, manager.ones(new Shape(4)), true).real();
        assertThat(frames.getShape()).isEqualTo(new Shape(3, 3, 2));
        close(frames.get("0, :, 0"), floats(4, 4, 4), 1e-6);
        close(frames.get("1:, :, 0"), manager.zeros(new Shape(2, 3)), 1e-6);
    }

    @Test
    @Tag("contract")
    void complex() {
        NDArray pairs = floats(new Shape(2, 2), 3, 4, -1, 2);
        NDArray complex = pairs.complex();
        assertThat(complex.getDataType()).isEqualTo(DataType.COMPLEX64);
        assertThat(complex.getShape()).isEqualTo(new Shape(2));
        same(complex.real(), pairs);
        same(complex.conj().real(), floats(new Shape(2, 2), 3, -4, -1, -2));
    }

    @Test
    @Tag("contract")
    void pad() {
        same(
                floats(new Shape(1, 2), 5, 6).pad(new Shape(1, 0, 0, 1), 9),
                floats(new Shape(2, 3), 9, 5, 6, 9, 9, 9));
    }
}
