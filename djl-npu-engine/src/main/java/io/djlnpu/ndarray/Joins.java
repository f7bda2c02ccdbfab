package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Puts arrays together along an axis and takes them apart again. */
final class Joins {

    private Joins() {}

    /** One block copy per array and outer index. */
    static Tensor concat(List<Tensor> parts, int axis) {
        Shape first = parts.get(0).shape();
        DataType type = parts.get(0).type();
        long length = 0;
        for (Tensor part : parts) {
            if (part.rank() != first.dimension()
                    || !Dimensions.with(part.shape(), axis, 0)
                            .equals(Dimensions.with(first, axis, 0))) {
                throw new IllegalArgumentException(
                        "concat along axis "
                                + axis
                                + ": shapes "
                                + first
                                + " and "
                                + part.shape()
                                + " differ elsewhere");
            }
            length += part.shape().get(axis);
            type = Casts.common(type, part.type());
        }
        Tensor result = Tensor.allocate(type, Dimensions.with(first, axis, length));
        Lanes lanes = Lanes.of(result.shape(), axis);
        int row = lanes.length() * lanes.inner();
        int start = 0;
        for (Tensor part : parts) {
            int block = (int) part.shape().get(axis) * lanes.inner();
            Storage source = part.cast(type).data();
            for (int outer = 0; outer < lanes.outer(); outer++) {
                result.data().copy(source, outer * block, outer * row + start, block);
            }
            start += block;
        }
        return result;
    }

    static Tensor stack(List<Tensor> parts, int axis) {
        List<Tensor> expanded = new ArrayList<>();
        for (Tensor part : parts) {
            if (!part.shape().equals(parts.get(0).shape())) {
                throw new IllegalArgumentException(
                        "stack: shapes "
                                + parts.get(0).shape()
                                + " and "
                                + part.shape()
                                + " differ");
            }
            expanded.add(part.reshape(Dimensions.insert(part.shape(), axis, 1)));
        }
        return concat(expanded, axis);
    }

    /** Where to cut into equal sections. */
    static long[] equalCuts(Tensor a, long sections, int axis) {
        long size = a.isScalar() ? 0 : a.shape().get(axis);
        if (sections < 1 || size % sections != 0) {
            throw new IllegalArgumentException(
                    "split: an axis of "
                            + size
                            + " does not divide into "
                            + sections
                            + " equal sections");
        }
        return LongStream.range(1, sections).map(i -> i * size / sections).toArray();
    }

    /** The pieces between the given cut positions. */
    static List<Tensor> split(Tensor a, long[] cuts, int axis) {
        List<Tensor> pieces = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int end = i < cuts.length ? Math.toIntExact(cuts[i]) : (int) a.shape().get(axis);
            if (end < start || end > a.shape().get(axis)) {
                throw new IllegalArgumentException(
                        "split: position "
                                + end
                                + " is out of order along an axis of "
                                + a.shape().get(axis));
            }
            pieces.add(StridedView.of(a).slice(axis, start, 1, end - start).toTensor());
            start = end;
        }
        return pieces;
    }

    /**
     * Repeats the whole array along each dimension; missing dimensions count as 1 on either side.
     */
    static Tensor tile(Tensor a, long[] repeats) {
        Shape shape = a.shape();
        while (shape.dimension() < repeats.length) {
            shape = Dimensions.insert(shape, 0, 1);
        }
        Tensor result = a.reshape(shape);
        for (int i = 0; i < repeats.length; i++) {
            int axis = shape.dimension() - repeats.length + i;
            result = spread(result, axis, axis, repeats[i]);
        }
        return result;
    }

    /** Repeats each element along an axis. */
    static Tensor repeat(Tensor a, int axis, long repeats) {
        Tensor vector = a.isScalar() ? a.reshape(1) : a;
        return spread(vector, axis, axis + 1, repeats);
    }

    /**
     * Inserts a dimension of {@code repeats} copies at {@code place} and folds it into {@code
     * axis}.
     */
    private static Tensor spread(Tensor a, int axis, int place, long repeats) {
        if (repeats == 1) {
            return a;
        }
        Tensor expanded = a.reshape(Dimensions.insert(a.shape(), place, 1));
        Shape target = Dimensions.with(expanded.shape(), place, repeats);
        return StridedView.broadcast(expanded, target)
                .reshape(Dimensions.with(a.shape(), axis, a.shape().get(axis) * repeats));
    }

    /**
     * Surrounds the array; {@code padding} holds (before, after) pairs, the last dimension's first.
     * Negative amounts crop.
     */
    static Tensor pad(Tensor a, long[] padding, double value) {
        if (padding.length % 2 != 0 || padding.length > 2 * a.rank()) {
            throw new IllegalArgumentException(
                    "pad: "
                            + padding.length
                            + " amounts for an array of "
                            + a.rank()
                            + " dimensions; give a pair for each of the last dimensions");
        }
        Shape shape = a.shape();
        for (int i = 0; i < padding.length; i += 2) {
            int dimension = a.rank() - 1 - i / 2;
            shape =
                    Dimensions.with(
                            shape, dimension, shape.get(dimension) + padding[i] + padding[i + 1]);
        }
        Tensor result = Tensor.fill(a.type(), shape, index -> value);
        StridedView source = StridedView.of(a);
        StridedView target = StridedView.of(result);
        for (int i = 0; i < padding.length; i += 2) {
            int dimension = a.rank() - 1 - i / 2;
            int before = (int) padding[i];
            int kept =
                    (int)
                            (a.shape().get(dimension)
                                    + Math.min(0, before)
                                    + Math.min(0, padding[i + 1]));
            source = source.slice(dimension, Math.max(0, -before), 1, kept);
            target = target.slice(dimension, Math.max(0, before), 1, kept);
        }
        target.assign(source.toTensor().data());
        return result;
    }
}
