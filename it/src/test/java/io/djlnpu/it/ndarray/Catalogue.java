package io.djlnpu.it.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** All cases: each family of operations crossed with the types and shapes that matter to it. */
final class Catalogue {

    private final List<ArrayCase> cases = new ArrayList<>();

    private Catalogue() {}

    static List<ArrayCase> cases() {
        Catalogue catalogue = new Catalogue();
        ElementWiseCases.addTo(catalogue);
        FoldCases.addTo(catalogue);
        ShapeCases.addTo(catalogue);
        IndexCases.addTo(catalogue);
        AlgebraCases.addTo(catalogue);
        AccessCases.addTo(catalogue);
        NetworkCases.addTo(catalogue);
        return catalogue.cases;
    }

    void add(String name, ArrayCase.Action action) {
        cases.add(new ArrayCase(name, action));
    }

    /** A case on one watched array. */
    void add(String name, Function<NDManager, NDArray> input, Function<NDArray, Object> operation) {
        add(name, (manager, recorder) -> operation.apply(recorder.watch(input.apply(manager))));
    }

    /** A case on two arrays, the first of them watched. */
    void add(
            String name,
            Function<NDManager, NDArray> first,
            Function<NDManager, NDArray> second,
            BiFunction<NDArray, NDArray, Object> operation) {
        add(
                name,
                (manager, recorder) ->
                        operation.apply(
                                recorder.watch(first.apply(manager)), second.apply(manager)));
    }

    /** Every operation on every type and on every shape (FLOAT32). */
    void cross(Map<String, Function<NDArray, Object>> operations) {
        operations.forEach(
                (name, operation) -> {
                    for (DataType type : Samples.TYPES) {
                        add(
                                name + " of " + type,
                                m -> Samples.array(m, type, new Shape(2, 5)),
                                operation);
                    }
                    for (Shape shape : Samples.SHAPES) {
                        add(
                                name + " of shape " + shape,
                                m -> Samples.array(m, DataType.FLOAT32, shape),
                                operation);
                    }
                    add(name + " of special values", Samples::special, operation);
                });
    }

    static <V> Map<String, V> map() {
        return new LinkedHashMap<>();
    }
}
