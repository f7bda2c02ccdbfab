package io.djlnpu.it.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.function.Function;

/** Reductions, running folds, extremes, order. */
final class FoldCases {

    private FoldCases() {}

    static void addTo(Catalogue catalogue) {
        Map<String, Function<NDArray, Object>> whole = Catalogue.map();
        whole.put("sum", NDArray::sum);
        whole.put("prod", NDArray::prod);
        whole.put("mean", NDArray::mean);
        whole.put("max", NDArray::max);
        whole.put("min", NDArray::min);
        whole.put("all", NDArray::all);
        whole.put("any", NDArray::any);
        whole.put("none", NDArray::none);
        whole.put("countNonzero", NDArray::countNonzero);
        whole.put("argMax", NDArray::argMax);
        whole.put("argMin", NDArray::argMin);
        whole.put("cumSum", NDArray::cumSum);
        whole.put("norm", NDArray::norm);
        whole.put("norm keep", a -> a.norm(true));
        whole.put("sum last", a -> a.sum(new int[] {-1}));
        whole.put("sum first keep", a -> a.sum(new int[] {0}, true));
        whole.put("prod last", a -> a.prod(new int[] {-1}));
        whole.put("prod keep", a -> a.prod(new int[] {0}, true));
        whole.put("mean last", a -> a.mean(new int[] {-1}));
        whole.put("mean keep", a -> a.mean(new int[] {0}, true));
        whole.put("max last", a -> a.max(new int[] {-1}));
        whole.put("max keep", a -> a.max(new int[] {0}, true));
        whole.put("min last", a -> a.min(new int[] {-1}));
        whole.put("min keep", a -> a.min(new int[] {0}, true));
        whole.put("countNonzero axis", a -> a.countNonzero(0));
        whole.put("argMax last", a -> a.argMax(-1));
        whole.put("argMin last", a -> a.argMin(-1));
        whole.put("argMax first", a -> a.argMax(0));
        whole.put("cumSum last", a -> a.cumSum(-1));
        whole.put("cumProd last", a -> a.cumProd(-1));
        whole.put("cumProd typed", a -> a.cumProd(0, DataType.FLOAT64));
        whole.put("diff", a -> a.diff(1, -1));
        whole.put("diff twice", a -> a.diff(2, -1));
        whole.put("softmax", a -> a.softmax(-1));
        whole.put("softmax first", a -> a.softmax(0));
        whole.put("logSoftmax", a -> a.logSoftmax(-1));
        whole.put("normalize", a -> a.normalize());
        whole.put("normalize by 1", a -> a.normalize(1, 0));
        whole.put("normalize with eps", a -> a.normalize(2, 0, 10));
        whole.put("norm 1", a -> a.norm(1, new int[] {0}, false));
        whole.put("norm axes", a -> a.norm(new int[] {0}));
        whole.put("norm axes keep", a -> a.norm(new int[] {-1}, true));
        whole.put("norm 3", a -> a.norm(3, new int[] {-1}, true));
        whole.put("sort", NDArray::sort);
        whole.put("sort first", a -> a.sort(0));
        whole.put("argSort of distinct", a -> a.argSort());
        whole.put("argSort axis", a -> a.argSort(0));
        whole.put("median", NDArray::median);
        whole.put("median first", a -> a.median(new int[] {0}));
        whole.put("percentile", a -> a.percentile(30));
        whole.put("percentile first", a -> a.percentile(75, new int[] {0}));
        whole.put("topK", a -> a.topK(2, -1));
        whole.put("topK smallest", a -> a.topK(1, 0, false, true));
        whole.put("unique", NDArray::unique);
        whole.put("unique with all", a -> a.unique(true, true, true));
        whole.put("unique rows", a -> a.unique(0, true, true, true));
        whole.put("nonzero", NDArray::nonzero);
        catalogue.cross(whole);
        catalogue.add(
                "argSort descending",
                m -> m.create(new float[] {3, 1, 2}),
                a -> a.argSort(0, false));
        catalogue.add(
                "sum of two axes", m -> Samples.counting(m, 2, 3, 4), a -> a.sum(new int[] {0, 2}));
        catalogue.add(
                "sum of no axes", m -> Samples.counting(m, 2, 3), a -> a.sum(new int[0], true));
        catalogue.add(
                "sum out of range", m -> Samples.counting(m, 2, 3), a -> a.sum(new int[] {2}));
        for (String fold : new String[] {"max", "min", "mean", "prod"}) {
            catalogue.add(
                    fold + " of two axes",
                    m -> Samples.counting(m, 2, 3, 4).add(1),
                    a ->
                            switch (fold) {
                                case "max" -> a.max(new int[] {0, 1});
                                case "min" -> a.min(new int[] {0, 1});
                                case "mean" -> a.mean(new int[] {0, 1});
                                default -> a.prod(new int[] {0, 1});
                            });
        }
        catalogue.add("topK with k too large", m -> Samples.counting(m, 3), a -> a.topK(4, 0));
        catalogue.add(
                "topK of 1000",
                m -> Samples.counting(m, 1000).mul(7).mod(1009),
                a -> a.topK(40, 0));
        catalogue.add(
                "softmax of 3-d",
                m -> Samples.array(m, DataType.FLOAT32, new Shape(2, 3, 4)),
                a -> a.softmax(1));
        catalogue.add(
                "argMax of 3-d",
                m -> Samples.counting(m, 2, 3, 4).mul(7).mod(13),
                a -> a.argMax(1));
    }
}
