package io.djlnpu.it.ndarray;

import java.util.List;
import java.util.Optional;

/** A place where the two engines are known to differ, and why that is meant. */
record Difference(String pattern, String reason) {

    private static final List<Difference> KNOWN =
            List.of(
                    new Difference(
                            "signi? of special values",
                            "the sign of NaN is NaN here, as in NumPy; PyTorch says 0"),
                    new Difference(
                            "(neg|negi|abs|floor|ceil|round|trunc|argMax.*|argMin.*|median.*|topK.*) of boolean",
                            "PyTorch has no kernel for truth values; here they count as 0 and 1"),
                    new Difference(
                            "(sub|subi|pow|powi) of boolean and .*",
                            "PyTorch has no such kernel for truth values; here they count as 0 and 1"),
                    new Difference(
                            "cbrt of .*",
                            "PyTorch's binding raises to 1/3 in double: NaN for negative numbers, FLOAT64 for whole ones; here it is the cube root"),
                    new Difference(
                            "(asinh|acosh|atanh) of .*", "PyTorch's binding does not implement it"),
                    new Difference(
                            "(toDegrees|toRadians) of .*",
                            "PyTorch's binding multiplies by a double; here whole numbers give FLOAT32, as every real function does"),
                    new Difference(
                            "xlogy of shapes .*",
                            "PyTorch's binding refuses scalars; here they broadcast"),
                    new Difference(
                            "(mean|norm|normalize|softmax|logSoftmax|percentile)( .*)? of (int32|int64|int8|uint8|boolean|float16)",
                            "PyTorch refuses whole numbers (and FLOAT16 for percentile); here they become FLOAT32"),
                    new Difference(
                            "percentile of float64",
                            "PyTorch's binding narrows the fraction to float; here it stays double"),
                    new Difference(
                            "percentile first of shape \\(2, 0\\)",
                            "PyTorch refuses empty input; here the result of no lanes is empty"),
                    new Difference(
                            "unique of .*",
                            "PyTorch's binding returns inverse and counts even if not asked for; the contract makes them optional"),
                    new Difference(
                            "unique rows of .*",
                            "PyTorch refuses empty rows and sorts NaN first; here equal empty rows are one row and NaN comes last, as in sort"),
                    new Difference(
                            "(max|min|mean|prod) of two axes",
                            "PyTorch's binding folds one axis only"),
                    new Difference(
                            "repeat of shape \\(\\)",
                            "PyTorch's binding promises to repeat a scalar and then fails"),
                    new Difference(
                            "squeeze one axis not 1",
                            "the contract refuses it, PyTorch returns the array unchanged"),
                    new Difference(
                            "split uneven",
                            "the contract asks for equal sections, PyTorch returns more of them"),
                    new Difference(
                            "tile (axis|to shape)", "PyTorch's binding does not implement it"),
                    new Difference(
                            "tile fewer axes",
                            "PyTorch refuses; here missing leading dimensions repeat once, as in NumPy"),
                    new Difference("trace.*", "PyTorch's binding does not implement it"),
                    new Difference(
                            "set at array .*",
                            "PyTorch refuses a value of another type; here it is converted, as for every other index"),
                    new Difference("oneHot values", "PyTorch's binding does not implement it"),
                    new Difference(
                            "oneHot out of range",
                            "PyTorch refuses; here such a row stays off, as in MXNet"),
                    new Difference(
                            "booleanMask first axis",
                            "PyTorch's binding refuses what the contract's own example shows"),
                    new Difference("sequenceMask.*", "PyTorch's binding does not implement it"),
                    new Difference("batchDot of .*", "PyTorch's binding does not implement it"),
                    new Difference(
                            "batchMatMul of .*",
                            "PyTorch takes exactly three dimensions; here the leading ones broadcast"),
                    new Difference(
                            "dot of .*",
                            "PyTorch's binding takes two vectors or two matrices; here NumPy's definition, which the contract quotes, holds for all"),
                    new Difference(
                            "matMul of types",
                            "PyTorch refuses mixed types; here they meet in the wider one"),
                    new Difference(
                            "contentEquals number of shape .*",
                            "PyTorch compares with a scalar's shape; here every element of an empty array equals the number"),
                    new Difference(
                            "toStringArray.*",
                            "PyTorch's binding returns null for numbers; here it says that they are no strings"),
                    new Difference("setRequiresGradient", "the engine does not train"),
                    new Difference("toSparse", "the engine has dense arrays only"),
                    new Difference(
                            "view of .*",
                            "arrays are values here; PyTorch's slices and reshapes are views of their origin"),
                    new Difference(
                            "clip of boolean",
                            "PyTorch takes whole bounds as INT64; here they are of the type given"),
                    new Difference(
                            "resize BICUBIC to 10x9",
                            "PyTorch sums in float32: up to 4e-5 off on pixels of 0 to 255; here in double"),
                    new Difference("eye above", "PyTorch's binding takes the main diagonal only"),
                    new Difference(
                            "linspace open", "PyTorch's binding takes the closed interval only"),
                    new Difference(
                            "randomMultinomial|sample(Normal|Poisson|Gamma)",
                            "PyTorch's binding does not implement it"),
                    new Difference(
                            "(softPlus|leakyRelu|elu|selu|gelu) of int32",
                            "PyTorch has no kernel for whole numbers; here they become FLOAT32"),
                    new Difference(
                            "(rdivi|rmodi|rpowi) of .*", "PyTorch's binding does not implement it"),
                    new Difference(
                            "deconvolution .*|prelu", "PyTorch's binding does not implement it"),
                    new Difference(
                            "avgPool without padding .*",
                            "PyTorch's binding ignores countIncludePad = false; here the padding does not count"),
                    new Difference("lpPool .* padding 1 .*", "PyTorch's binding refuses padding"));

    static Optional<Difference> explaining(String name) {
        return KNOWN.stream().filter(difference -> name.matches(difference.pattern)).findFirst();
    }

    static List<String> patterns() {
        return KNOWN.stream().map(Difference::pattern).toList();
    }
}
