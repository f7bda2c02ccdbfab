package io.djlnpu.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexBooleans;
import ai.djl.ndarray.index.dim.NDIndexElement;
import ai.djl.ndarray.index.dim.NDIndexFixed;
import ai.djl.ndarray.index.dim.NDIndexNull;
import ai.djl.ndarray.index.dim.NDIndexSlice;
import ai.djl.ndarray.index.dim.NDIndexTake;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * An index applied to an array, as NumPy and PyTorch define it: numbers, slices, new axes, an
 * ellipsis, index arrays and masks, freely mixed. Index arrays broadcast with one another; the
 * dimension they make stands where they stood if they are neighbours, else in front.
 */
final class AdvancedIndex {

    private final List<Integer> sizes = new ArrayList<>();
    private final List<Integer> strides = new ArrayList<>();

    /** For each dimension its index array, or null where the dimension is kept. */
    private final List<Tensor> arrays = new ArrayList<>();

    private final Tensor array;
    private int offset;
    private int dimension;

    AdvancedIndex(Tensor array, NDIndex index, Function<NDArray, Tensor> reader) {
        this.array = array;
        List<NDIndexElement> elements = index.getIndices();
        int consumed = 0;
        for (NDIndexElement element : elements) {
            consumed +=
                    element instanceof NDIndexBooleans mask
                            ? mask.getIndex().getShape().dimension()
                            : element instanceof NDIndexNull ? 0 : 1;
        }
        if (consumed > array.rank()) {
            throw new IllegalArgumentException(
                    "the index has " + consumed + " dimensions, the array only " + array.rank());
        }
        for (int i = 0; i <= elements.size(); i++) {
            if (i == index.getEllipsisIndex() || i == elements.size()) {
                int missing =
                        i == elements.size() ? array.rank() - dimension : array.rank() - consumed;
                for (int j = 0; j < missing; j++) {
                    keep(0, 1, size());
                }
            }
            if (i < elements.size()) {
                add(elements.get(i), reader);
            }
        }
    }

    private int size() {
        return (int) array.shape().get(dimension);
    }

    private int stride() {
        return Dimensions.strides(array.shape())[dimension];
    }

    private void keep(int start, int step, int size) {
        offset += size == 0 ? 0 : start * stride();
        append(size, step * stride(), null);
        dimension++;
    }

    private void append(int size, int stride, Tensor indices) {
        sizes.add(size);
        strides.add(stride);
        arrays.add(indices);
    }

    private void add(NDIndexElement element, Function<NDArray, Tensor> reader) {
        switch (element) {
            case NDIndexNull ignored -> append(1, 0, null);
            case NDIndexFixed fixed -> {
                offset += position(fixed.getIndex()) * stride();
                dimension++;
            }
            case NDIndexSlice slice -> addSlice(slice);
            case NDIndexTake take -> addArray(reader.apply(take.getIndex()).cast(DataType.INT64));
            case NDIndexBooleans mask -> addMask(reader.apply(mask.getIndex()));
            default -> keep(0, 1, size());
        }
    }

    private int position(long index) {
        if (index < -size() || index >= size()) {
            throw new IndexOutOfBoundsException(
                    "index "
                            + index
                            + " is out of range for dimension "
                            + dimension
                            + " with size "
                            + size());
        }
        return (int) (index < 0 ? index + size() : index);
    }

    private void addSlice(NDIndexSlice slice) {
        long step = slice.getStep() == null ? 1 : slice.getStep();
        if (step < 1) {
            throw new IllegalArgumentException(
                    "a slice steps forward: step "
                            + step
                            + " is not positive; use flip() to turn an axis around");
        }
        long start = clamp(slice.getMin() == null ? 0 : slice.getMin());
        long end = clamp(slice.getMax() == null ? size() : slice.getMax());
        keep(
                (int) start,
                Math.toIntExact(step),
                (int) Math.max(0, Math.ceilDiv(end - start, step)));
    }

    private long clamp(long bound) {
        return Math.clamp(bound < 0 ? bound + size() : bound, 0, size());
    }

    private void addArray(Tensor indices) {
        for (int i = 0; i < indices.size(); i++) {
            position(indices.getLong(i));
        }
        append(size(), stride(), indices);
        dimension++;
    }

    private void addMask(Tensor mask) {
        Shape covered = array.shape().slice(dimension, dimension + mask.rank());
        if (!mask.shape().equals(covered)) {
            throw new IllegalArgumentException(
                    "a mask of shape " + mask.shape() + " does not fit dimensions " + covered);
        }
        Tensor places = Masks.nonzero(mask);
        int count = (int) places.shape().get(0);
        for (int i = 0; i < mask.rank(); i++) {
            Tensor column = StridedView.of(places).slice(1, i, 1, 1).toTensor();
            addArray(column.reshape(count));
        }
    }

    /** The elements that the index names, as a new tensor. */
    Tensor get() {
        int first = firstArray();
        if (first < 0) {
            return keptView(offset).toTensor();
        }
        Shape joint = jointShape();
        int[] places = places(joint);
        int before = arraysAreNeighbours(first) ? first : 0;
        Shape kept = keptView(0).shape();
        Tensor result =
                Tensor.allocate(
                        array.type(),
                        kept.slice(0, before).add(places.length).addAll(kept.slice(before)));
        for (int i = 0; i < places.length; i++) {
            StridedView.of(result)
                    .slice(before, i, 1, 1)
                    .assign(keptView(offset + places[i]).toTensor().data());
        }
        return result.reshape(kept.slice(0, before).addAll(joint).addAll(kept.slice(before)));
    }

    /**
     * Writes {@code value}, broadcast, to the elements that the index names. The array's own
     * storage changes.
     */
    void set(Tensor value) {
        Tensor typed = value.cast(array.type());
        int first = firstArray();
        if (first < 0) {
            StridedView view = keptView(offset);
            view.assign(fit(typed, view.shape()).data());
            return;
        }
        Shape joint = jointShape();
        int[] places = places(joint);
        int before = arraysAreNeighbours(first) ? first : 0;
        Shape kept = keptView(0).shape();
        Tensor values =
                fit(typed, kept.slice(0, before).addAll(joint).addAll(kept.slice(before)))
                        .reshape(
                                kept.slice(0, before)
                                        .add(places.length)
                                        .addAll(kept.slice(before)));
        for (int i = 0; i < places.length; i++) {
            keptView(offset + places[i])
                    .assign(StridedView.of(values).slice(before, i, 1, 1).toTensor().data());
        }
    }

    /** Broadcasts after dropping leading dimensions of 1 that the target lacks. */
    static Tensor fit(Tensor value, Shape target) {
        Shape shape = value.shape();
        while (shape.dimension() > target.dimension() && shape.get(0) == 1) {
            shape = shape.slice(1);
        }
        return StridedView.broadcast(value.reshape(shape), target);
    }

    private int firstArray() {
        for (int i = 0; i < arrays.size(); i++) {
            if (arrays.get(i) != null) {
                return i;
            }
        }
        return -1;
    }

    private boolean arraysAreNeighbours(int first) {
        int end = first;
        while (end < arrays.size() && arrays.get(end) != null) {
            end++;
        }
        return arrays.subList(end, arrays.size()).stream().allMatch(indices -> indices == null);
    }

    private Shape jointShape() {
        Shape joint = new Shape();
        for (Tensor indices : arrays) {
            joint = indices == null ? joint : Dimensions.broadcast(joint, indices.shape());
        }
        return joint;
    }

    /** For each element of the joint shape how far its index arrays move from the offset. */
    private int[] places(Shape joint) {
        int[] places = new int[Dimensions.size(joint)];
        for (int i = 0; i < arrays.size(); i++) {
            if (arrays.get(i) != null) {
                Tensor indices = StridedView.broadcast(arrays.get(i), joint);
                for (int j = 0; j < places.length; j++) {
                    places[j] +=
                            (int) Math.floorMod(indices.getLong(j), (long) sizes.get(i))
                                    * strides.get(i);
                }
            }
        }
        return places;
    }

    private StridedView keptView(int start) {
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < arrays.size(); i++) {
            if (arrays.get(i) == null) {
                kept.add(i);
            }
        }
        return new StridedView(
                array.data(),
                start,
                kept.stream().mapToInt(sizes::get).toArray(),
                kept.stream().mapToInt(strides::get).toArray());
    }
}
