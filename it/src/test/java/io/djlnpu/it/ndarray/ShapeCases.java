package io.djlnpu.it.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.function.Function;

/** Reshapes, transposes, repeats, joins, splits, padding. */
final class ShapeCases {

    private ShapeCases() {}

    static void addTo(Catalogue catalogue) {
        Map<String, Function<NDArray, Object>> any = Catalogue.map();
        any.put("flatten", NDArray::flatten);
        any.put("expandDims 0", a -> a.expandDims(0));
        any.put("expandDims -1", a -> a.expandDims(-1));
        any.put("squeeze", NDArray::squeeze);
        any.put("transpose", NDArray::transpose);
        any.put("repeat", a -> a.repeat(2));
        any.put("tile", a -> a.tile(2));
        any.put("toDense", NDArray::toDense);
        any.put("duplicate", NDArray::duplicate);
        any.put("reshape", a -> a.reshape(-1));
        any.put("zerosLike", NDArray::zerosLike);
        any.put("onesLike", NDArray::onesLike);
        any.put("flip", a -> a.flip(0));
        any.put("stack", a -> a.stack(a.duplicate()));
        any.put("stack last", a -> a.stack(a.duplicate(), -1));
        any.put("concat", a -> a.concat(a.duplicate()));
        any.put("concat last", a -> a.concat(a.duplicate(), -1));
        catalogue.cross(any);

        Function<NDManager, NDArray> cube = m -> Samples.counting(m, 2, 3, 4);
        Map<String, Function<NDArray, Object>> cubes = Catalogue.map();
        cubes.put("reshape with unknown", a -> a.reshape(new Shape(4, -1)));
        cubes.put("reshape to too much", a -> a.reshape(5, 5));
        cubes.put("flatten part", a -> a.flatten(1, 2));
        cubes.put("flatten negative", a -> a.flatten(0, -2));
        cubes.put("transpose axes", a -> a.transpose(2, 0, 1));
        cubes.put("transpose wrong", a -> a.transpose(0, 1));
        cubes.put("swapAxes", a -> a.swapAxes(0, 2));
        cubes.put("flip two", a -> a.flip(0, 2));
        cubes.put("flip last", a -> a.flip(-1));
        cubes.put("rotate90 once", a -> a.rotate90(1, new int[] {0, 1}));
        cubes.put("rotate90 twice", a -> a.rotate90(2, new int[] {1, 2}));
        cubes.put("rotate90 back", a -> a.rotate90(-1, new int[] {1, 2}));
        cubes.put("expandDims middle", a -> a.expandDims(2));
        cubes.put("expandDims too far", a -> a.expandDims(5));
        cubes.put("squeeze not 1", a -> a.squeeze(new int[] {0}));
        cubes.put("squeeze one axis not 1", a -> a.squeeze(0));
        cubes.put("squeeze given axes", a -> a.reshape(1, 24, 1).squeeze(new int[] {0, 2}));
        cubes.put("repeat axis", a -> a.repeat(1, 2));
        cubes.put("repeat axes", a -> a.repeat(new long[] {2, 1, 3}));
        cubes.put("repeat to shape", a -> a.repeat(new Shape(4, 3, 8)));
        cubes.put("tile axis", a -> a.tile(1, 2));
        cubes.put("tile axes", a -> a.tile(new long[] {2, 1, 3}));
        cubes.put("tile more axes", a -> a.tile(new long[] {2, 1, 1, 2}));
        cubes.put("tile fewer axes", a -> a.tile(new long[] {3}));
        cubes.put("tile to shape", a -> a.tile(new Shape(4, 3, 8)));
        cubes.put("broadcast", a -> a.broadcast(5, 2, 3, 4));
        cubes.put("broadcast shape", a -> a.broadcast(new Shape(2, 3, 4)));
        cubes.put("broadcast wrong", a -> a.broadcast(2, 3, 5));
        cubes.put("split", a -> a.split(2));
        cubes.put("split axis", a -> a.split(2, 2));
        cubes.put("split all", a -> a.split(3, 1));
        cubes.put("split uneven", a -> a.split(3, 2));
        cubes.put("split at", a -> a.split(new long[] {1}));
        cubes.put("split at two", a -> a.split(new long[] {1, 3}, 2));
        cubes.put("split nowhere", a -> a.split(new long[0], 2));
        cubes.put("pad last", a -> a.pad(new Shape(1, 2), 9));
        cubes.put("pad two", a -> a.pad(new Shape(0, 1, 2, 0), -1));
        cubes.put("pad odd", a -> a.pad(new Shape(1), 0));
        cubes.put("concat axis 1", a -> a.concat(a.get(":, :1"), 1));
        cubes.put("concat unfit", a -> a.concat(a.get(":, :1"), 0));
        cubes.put("concat of types", a -> a.concat(a.toType(DataType.INT64, true), 1));
        cubes.put("stack axis 2", a -> a.stack(a.duplicate(), 2));
        cubes.put("like", a -> a.like().getShape());
        cubes.put("diagonal", NDArray::diagonal);
        cubes.put("diagonal offset", a -> a.diagonal(1));
        cubes.put("diagonal axes", a -> a.diagonal(-1, 1, 2));
        cubes.put("trace", NDArray::trace);
        cubes.put("trace offset", a -> a.trace(1));
        cubes.put("trace axes", a -> a.trace(0, 1, 2));
        cubes.put("scaleGradient", a -> a.scaleGradient(0.5));
        cubes.put("stopGradient", NDArray::stopGradient);
        cubes.forEach((name, operation) -> catalogue.add(name, cube, operation));

        for (DataType from : Samples.TYPES) {
            for (DataType to : Samples.TYPES) {
                catalogue.add(
                        "toType from " + from + " to " + to,
                        m -> Samples.array(m, from, new Shape(11)),
                        a -> a.toType(to, true));
            }
        }
    }
}
