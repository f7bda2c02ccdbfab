package io.djlnpu.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDArrayIndexer;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexPick;
import ai.djl.ndarray.index.full.NDIndexFullPick;
import ai.djl.ndarray.index.full.NDIndexFullSlice;
import ai.djl.ndarray.index.full.NDIndexFullTake;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Reads and writes what an {@link NDIndex} names. Results belong to the manager that the indexer
 * was made for.
 */
final class NpuNDArrayIndexer extends NDArrayIndexer {

    private final NpuNDManager manager;

    NpuNDArrayIndexer(NpuNDManager manager) {
        this.manager = manager;
    }

    @Override
    public NDArray get(NDArray array, NDIndex index) {
        if (index.stream().anyMatch(NDIndexPick.class::isInstance)) {
            return NDIndexFullPick.fromIndex(index, array.getShape())
                    .map(pick -> get(array, pick))
                    .orElseThrow(
                            () ->
                                    new UnsupportedOperationException(
                                            "a pick goes with whole dimensions only"));
        }
        return wrap(new AdvancedIndex(Buffers.read(array), index, Buffers::read).get());
    }

    @Override
    public NDArray get(NDArray array, NDIndexFullPick pick) {
        Tensor source = Buffers.read(array);
        Tensor indices = Buffers.read(pick.getIndices()).cast(DataType.INT64);
        Shape shape = indices.shape();
        // An index of fewer dimensions stands for the leading ones; the rest is 1.
        while (shape.dimension() < source.rank()) {
            shape = shape.add(1);
        }
        return wrap(Gather.gather(source, indices.reshape(shape), pick.getAxis()));
    }

    @Override
    public NDArray get(NDArray array, NDIndexFullTake take) {
        NDIndex index = new NDIndex();
        for (int i = 0; i < take.getAxis(); i++) {
            index.addAllDim();
        }
        return get(array, index.addIndices("{}", take.getIndices()));
    }

    @Override
    public NDArray get(NDArray array, NDIndexFullSlice slice) {
        Tensor result = view(Buffers.read(array), slice).toTensor();
        return wrap(result.reshape(slice.getSqueezedShape()));
    }

    @Override
    public void set(NDArray array, NDIndex index, Object value) {
        Tensor values =
                switch (value) {
                    case Number number -> Tensor.ofNumber(number);
                    case NDArray other -> Buffers.read(other);
                    default ->
                            throw new IllegalArgumentException(
                                    "a number or an array can be set, not a "
                                            + value.getClass().getName());
                };
        new AdvancedIndex(writable(array), index, Buffers::read).set(values);
    }

    @Override
    public void set(NDArray array, NDIndexFullSlice slice, NDArray value) {
        Tensor target = writable(array);
        Tensor values = Buffers.read(value).cast(target.type());
        Tensor fitting =
                values.size() == slice.getShape().size()
                        ? values.reshape(slice.getShape())
                        : AdvancedIndex.fit(values, slice.getShape());
        view(target, slice).assign(fitting.data());
    }

    @Override
    public void set(NDArray array, NDIndexFullSlice slice, Number value) {
        Tensor target = writable(array);
        Tensor number = Tensor.ofNumber(value).cast(target.type());
        view(target, slice).assign(StridedView.broadcast(number, slice.getShape()).data());
    }

    private static Tensor writable(NDArray array) {
        if (array instanceof NpuNDArray npu) {
            return npu.writableTensor();
        }
        throw new IllegalArgumentException("cannot write into an array of another engine");
    }

    private static StridedView view(Tensor tensor, NDIndexFullSlice slice) {
        StridedView view = StridedView.of(tensor);
        for (int i = 0; i < tensor.rank(); i++) {
            int size = Math.toIntExact(slice.getShape().get(i));
            view =
                    view.slice(
                            i,
                            Math.toIntExact(slice.getMin()[i]),
                            Math.toIntExact(slice.getStep()[i]),
                            size);
        }
        return view;
    }

    private NDArray wrap(Tensor tensor) {
        return new NpuNDArray(manager, tensor);
    }
}
