package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;

/** Relations and truth values, as BOOLEAN arrays. */
final class Comparisons {

    private Comparisons() {}

    static Tensor eq(Tensor a, Tensor b) {
        return ElementWise.compare(a, b, (x, y) -> x == y, (x, y) -> x == y);
    }

    static Tensor neq(Tensor a, Tensor b) {
        return ElementWise.compare(a, b, (x, y) -> x != y, (x, y) -> x != y);
    }

    static Tensor gt(Tensor a, Tensor b) {
        return ElementWise.compare(a, b, (x, y) -> x > y, (x, y) -> x > y);
    }

    static Tensor gte(Tensor a, Tensor b) {
        return ElementWise.compare(a, b, (x, y) -> x >= y, (x, y) -> x >= y);
    }

    static Tensor lt(Tensor a, Tensor b) {
        return ElementWise.compare(a, b, (x, y) -> x < y, (x, y) -> x < y);
    }

    static Tensor lte(Tensor a, Tensor b) {
        return ElementWise.compare(a, b, (x, y) -> x <= y, (x, y) -> x <= y);
    }

    static Tensor logicalAnd(Tensor a, Tensor b) {
        return ElementWise.compare(
                truth(a), truth(b), (x, y) -> x != 0 && y != 0, (x, y) -> x != 0 && y != 0);
    }

    static Tensor logicalOr(Tensor a, Tensor b) {
        return ElementWise.compare(
                truth(a), truth(b), (x, y) -> x != 0 || y != 0, (x, y) -> x != 0 || y != 0);
    }

    static Tensor logicalXor(Tensor a, Tensor b) {
        return neq(truth(a), truth(b));
    }

    private static Tensor truth(Tensor a) {
        return a.cast(DataType.BOOLEAN);
    }

    /** Whether two tensors of one type and shape hold equal numbers; NaN equals nothing. */
    static boolean same(Tensor a, Tensor b) {
        if (a.data() instanceof ComplexStorage left && b.data() instanceof ComplexStorage right) {
            return Arrays.equals(left.pairs(), right.pairs());
        }
        return Masks.count(eq(a, b)) == a.size();
    }
}
