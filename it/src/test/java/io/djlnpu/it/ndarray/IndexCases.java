package io.djlnpu.it.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.Function;

/** Getting and setting by every kind of index; gather, scatter, take, put, masks. */
final class IndexCases {

    private static final List<String> INDICES =
            List.of(
                    "0",
                    "-1",
                    "5",
                    ":",
                    "*",
                    "1:",
                    ":1",
                    "-1:",
                    ":-1",
                    "0:2",
                    "::2",
                    ":, 1",
                    ":, 1:3",
                    ":, -1",
                    ":, ::2",
                    "1, 2",
                    "..., 0",
                    "..., 1:",
                    "0, ...",
                    "...",
                    "0, ..., -1",
                    "null, 0",
                    ":, null, 1",
                    "..., null",
                    "1, 2, 3",
                    "0, 0, 0, 0",
                    ":, :, 3",
                    "5:",
                    "2:1",
                    ":, 1:100",
                    "null, ..., null",
                    "-2:, -2:, -2:");

    private IndexCases() {}

    static void addTo(Catalogue catalogue) {
        Function<NDManager, NDArray> cube = m -> Samples.counting(m, 2, 3, 4);
        for (String index : INDICES) {
            catalogue.add("get \"" + index + "\"", cube, a -> a.get(index));
            catalogue.add(
                    "set number at \"" + index + "\"",
                    cube,
                    a -> changed(a, () -> a.set(new NDIndex(index), 77)));
            catalogue.add(
                    "set array at \"" + index + "\"",
                    cube,
                    m -> m.create(new float[] {-5}),
                    (a, value) -> changed(a, () -> a.set(new NDIndex(index), value)));
            catalogue.add(
                    "set function at \"" + index + "\"",
                    cube,
                    a -> changed(a, () -> a.set(new NDIndex(index), part -> part.mul(2))));
        }
        addArrays(catalogue, cube);
        addGathers(catalogue);
        addMasks(catalogue, cube);
    }

    private static NDArray changed(NDArray array, Runnable change) {
        change.run();
        return array;
    }

    private static void addArrays(Catalogue catalogue, Function<NDManager, NDArray> cube) {
        Function<NDManager, NDArray> rows = m -> m.create(new long[] {1, 0, 1});
        Function<NDManager, NDArray> columns = m -> m.create(new long[] {2, -1, 0});
        catalogue.add("get by array", cube, rows, NDArray::get);
        catalogue.add("get by int array", cube, m -> m.create(new int[] {1, 0}), NDArray::get);
        catalogue.add(
                "get by matrix",
                cube,
                m -> m.create(new long[][] {{1, 0}, {0, 1}}),
                (a, i) -> a.get(new NDIndex("{}", i)));
        for (String index :
                List.of(
                        "{}, 0",
                        "{}, 1:",
                        ":, {}",
                        "..., {}",
                        "{}, ..., 1",
                        "null, {}",
                        "0, {}",
                        "{}, null")) {
            catalogue.add(
                    "get array at \"" + index + "\"",
                    cube,
                    rows,
                    (a, i) -> a.get(new NDIndex(index, i)));
            catalogue.add(
                    "set at array \"" + index + "\"",
                    cube,
                    rows,
                    (a, i) -> changed(a, () -> a.set(new NDIndex(index, i), 8)));
        }
        for (String index :
                List.of(
                        "{}, {}",
                        "{}, {}, 1",
                        "{}, :, {}",
                        ":, {}, {}",
                        "0, {}, {}",
                        "{}, 0, {}")) {
            catalogue.add(
                    "get two arrays at \"" + index + "\"",
                    cube,
                    m -> m.create(new long[] {1, 0, 1}),
                    (a, i) ->
                            a.get(
                                    new NDIndex(
                                            index,
                                            i,
                                            i.getManager().create(new long[] {2, -1, 0}))));
        }
        catalogue.add(
                "get arrays that broadcast",
                cube,
                m -> rows.apply(m).reshape(3, 1),
                (a, i) -> a.get(new NDIndex("{}, {}", i, columns.apply(i.getManager()))));
        catalogue.add(
                "get out of range by array", cube, m -> m.create(new long[] {7}), NDArray::get);
        catalogue.add(
                "take axis by NDIndex",
                cube,
                rows,
                (a, i) -> a.get(new NDIndex().addAllDim().addIndices("{}", i)));
        catalogue.add(
                "pick",
                m -> Samples.counting(m, 3, 4),
                m -> m.create(new long[][] {{0}, {2}, {3}}),
                (a, i) -> a.get(new NDIndex().addAllDim().addPickDim(i)));
        catalogue.add(
                "pick by vector",
                m -> Samples.counting(m, 3, 4),
                m -> m.create(new long[] {0, 2, 3}),
                (a, i) -> a.get(new NDIndex().addAllDim().addPickDim(i)));
        catalogue.add("get by numbers", cube, a -> a.get(1, 2));
        catalogue.add("get by empty index", cube, a -> a.get(new NDIndex()));
        catalogue.add("get from scalar", m -> m.create(3f), a -> a.get(new NDIndex()));
        catalogue.add(
                "get to manager",
                (m, recorder) -> recorder.watch(Samples.counting(m, 2, 2)).get(m, new NDIndex(1)));
        catalogue.add(
                "get numbers to manager",
                (m, recorder) -> recorder.watch(Samples.counting(m, 2, 2)).get(m, 1, 0));
        catalogue.add("sliceAxis", cube, a -> a.get(NDIndex.sliceAxis(2, 1, 3)));
        catalogue.add(
                "set array to rows",
                cube,
                m -> m.create(new float[] {1, 2, 3, 4}),
                (a, v) -> changed(a, () -> a.set(new NDIndex("1, :2"), v)));
        catalogue.add(
                "set array unfit",
                cube,
                m -> m.create(new float[] {1, 2, 3}),
                (a, v) -> changed(a, () -> a.set(new NDIndex("0"), v)));
        catalogue.add(
                "set array of another type",
                cube,
                m -> m.create(new long[] {3}),
                (a, v) -> changed(a, () -> a.set(new NDIndex("0"), v)));
        catalogue.add(
                "setScalar", cube, a -> changed(a, () -> a.setScalar(new NDIndex(1, 2, 3), -9)));
        catalogue.add(
                "setScalar of many", cube, a -> changed(a, () -> a.setScalar(new NDIndex(1), -9)));
        catalogue.add(
                "set bool array",
                m -> m.zeros(new Shape(3), DataType.BOOLEAN),
                a -> changed(a, () -> a.set(new NDIndex("1"), 1)));
        catalogue.add(
                "set fraction in whole",
                m -> m.create(new int[] {1, 2}),
                a -> changed(a, () -> a.set(new NDIndex("1"), 2.75f)));
    }

    private static void addGathers(Catalogue catalogue) {
        Function<NDManager, NDArray> matrix = m -> Samples.counting(m, 3, 4);
        for (int axis : new int[] {0, 1, -1}) {
            catalogue.add(
                    "gather along " + axis,
                    matrix,
                    m -> m.create(new long[][] {{0, 1}, {2, 0}}),
                    (a, i) -> a.gather(i, axis));
            catalogue.add(
                    "scatter along " + axis,
                    matrix,
                    m -> m.create(new long[][] {{0, 1}, {2, 0}}),
                    (a, i) ->
                            a.scatter(
                                    i,
                                    i.getManager().create(new float[][] {{9, 8}, {7, 6}}),
                                    axis));
        }
        catalogue.add(
                "gather out of range",
                matrix,
                m -> m.create(new long[][] {{0, 9}}),
                (a, i) -> a.gather(i, 0));
        catalogue.add(
                "gather of other rank",
                matrix,
                m -> m.create(new long[] {0, 1}),
                (a, i) -> a.gather(i, 0));
        catalogue.add(
                "gather by int32",
                matrix,
                m -> m.create(new int[][] {{0, 1}}),
                (a, i) -> a.gather(i, 0));
        catalogue.add(
                "gatherNd whole",
                matrix,
                m -> m.create(new long[][] {{0, 2, 1}, {3, 0, 1}}),
                NDArray::gatherNd);
        catalogue.add(
                "gatherNd rows", matrix, m -> m.create(new long[][] {{2, 0}}), NDArray::gatherNd);
        catalogue.add(
                "gatherNd too deep",
                matrix,
                m -> m.create(new long[][] {{0}, {0}, {0}}),
                NDArray::gatherNd);
        catalogue.add(
                "take", matrix, m -> m.create(new long[][] {{0, 5}, {11, -1}}), NDArray::take);
        catalogue.add(
                "take to manager",
                matrix,
                m -> m.create(new long[] {3}),
                (a, i) -> a.take(i.getManager(), i));
        catalogue.add("take out of range", matrix, m -> m.create(new long[] {12}), NDArray::take);
        catalogue.add(
                "put",
                matrix,
                m -> m.create(new long[] {0, 5, 11}),
                (a, i) -> a.put(i, i.getManager().create(new float[] {7, 8, 9})));
        catalogue.add(
                "put changes",
                matrix,
                m -> m.create(new long[] {0}),
                (a, i) -> changed(a, () -> a.put(i, i.getManager().create(new float[] {7}))));
        catalogue.add(
                "scatter changes",
                matrix,
                m -> m.create(new long[][] {{0}}),
                (a, i) ->
                        changed(
                                a,
                                () -> a.scatter(i, i.getManager().create(new float[][] {{7}}), 0)));
        for (DataType type : List.of(DataType.INT64, DataType.INT32, DataType.FLOAT32)) {
            catalogue.add(
                    "oneHot of " + type,
                    m -> m.create(new long[][] {{1, 0}, {2, 3}}).toType(type, false),
                    a -> a.oneHot(4));
        }
        catalogue.add(
                "oneHot typed", m -> m.create(new long[] {1, 0}), a -> a.oneHot(3, DataType.INT32));
        catalogue.add(
                "oneHot values",
                m -> m.create(new long[] {1, 0}),
                a -> a.oneHot(3, 5f, -5f, DataType.FLOAT32));
        catalogue.add("oneHot out of range", m -> m.create(new long[] {7}), a -> a.oneHot(3));
        catalogue.add("oneHot of scalar", m -> m.create(1L), a -> a.oneHot(3));
    }

    private static void addMasks(Catalogue catalogue, Function<NDManager, NDArray> cube) {
        Function<NDManager, NDArray> whole = m -> Samples.counting(m, 2, 3, 4).mod(5).gt(2);
        Function<NDManager, NDArray> first = m -> m.create(new boolean[] {true, false});
        catalogue.add("booleanMask whole", cube, whole, (a, i) -> a.booleanMask(i));
        catalogue.add("booleanMask first axis", cube, first, (a, i) -> a.booleanMask(i));
        catalogue.add(
                "booleanMask last axis",
                cube,
                m -> m.create(new boolean[] {true, false, true, true}),
                (a, i) -> a.booleanMask(i, 2));
        catalogue.add(
                "booleanMask two axes",
                cube,
                m -> Samples.counting(m, 3, 4).gt(7),
                (a, i) -> a.booleanMask(i, 1));
        catalogue.add(
                "booleanMask unfit",
                cube,
                m -> m.create(new boolean[] {true}),
                (a, i) -> a.booleanMask(i, 0));
        catalogue.add("get by mask", cube, whole, (a, i) -> a.get(i));
        catalogue.add("get by mask of first", cube, first, (a, i) -> a.get(new NDIndex("{}", i)));
        catalogue.add(
                "get by mask and slice", cube, first, (a, i) -> a.get(new NDIndex("{}, 1:", i)));
        catalogue.add(
                "get by slice and mask",
                cube,
                m -> m.create(new boolean[] {true, false, true}),
                (a, i) -> a.get(new NDIndex(":, {}", i)));
        catalogue.add(
                "get by boolean index",
                cube,
                whole,
                (a, i) -> a.get(new NDIndex().addBooleanIndex(i)));
        catalogue.add("set mask", cube, whole, (a, i) -> changed(a, () -> a.set(i, 99)));
        catalogue.add("set mask of first", cube, first, (a, i) -> changed(a, () -> a.set(i, 99)));
        catalogue.add(
                "set array by mask",
                cube,
                whole,
                (a, i) ->
                        changed(
                                a,
                                () ->
                                        a.set(
                                                new NDIndex("{}", i),
                                                i.getManager().create(new float[] {4}))));
        catalogue.add(
                "sequenceMask",
                cube,
                m -> m.create(new float[] {1, 2}),
                (a, i) -> a.sequenceMask(i));
        catalogue.add(
                "sequenceMask value",
                cube,
                m -> m.create(new float[] {1, 3}),
                (a, i) -> a.sequenceMask(i, -7));
        catalogue.add(
                "where",
                cube,
                whole,
                (a, i) ->
                        a.neg()
                                .getNDArrayInternal()
                                .where(i, i.getManager().ones(new Shape(2, 3, 4))));
    }
}
