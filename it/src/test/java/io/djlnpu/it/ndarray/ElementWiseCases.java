package io.djlnpu.it.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Functions of one element, operators of two, their forms in place, relations and truth values. */
final class ElementWiseCases {

    private static final Map<String, Function<NDArray, Object>> UNARY = Catalogue.map();
    private static final Map<String, BiFunction<NDArray, NDArray, Object>> BINARY = Catalogue.map();
    private static final Map<String, BiFunction<NDArray, Number, Object>> WITH_NUMBER =
            Catalogue.map();

    static {
        UNARY.put("sign", NDArray::sign);
        UNARY.put("signi", NDArray::signi);
        UNARY.put("neg", NDArray::neg);
        UNARY.put("negi", NDArray::negi);
        UNARY.put("abs", NDArray::abs);
        UNARY.put("square", NDArray::square);
        UNARY.put("sqrt", NDArray::sqrt);
        UNARY.put("cbrt", NDArray::cbrt);
        UNARY.put("floor", NDArray::floor);
        UNARY.put("ceil", NDArray::ceil);
        UNARY.put("round", NDArray::round);
        UNARY.put("trunc", NDArray::trunc);
        UNARY.put("exp", NDArray::exp);
        UNARY.put("gammaln", NDArray::gammaln);
        UNARY.put("log", NDArray::log);
        UNARY.put("log10", NDArray::log10);
        UNARY.put("log2", NDArray::log2);
        UNARY.put("sin", NDArray::sin);
        UNARY.put("cos", NDArray::cos);
        UNARY.put("tan", NDArray::tan);
        UNARY.put("asin", NDArray::asin);
        UNARY.put("acos", NDArray::acos);
        UNARY.put("atan", NDArray::atan);
        UNARY.put("sinh", NDArray::sinh);
        UNARY.put("cosh", NDArray::cosh);
        UNARY.put("tanh", NDArray::tanh);
        UNARY.put("asinh", NDArray::asinh);
        UNARY.put("acosh", NDArray::acosh);
        UNARY.put("atanh", NDArray::atanh);
        UNARY.put("toDegrees", NDArray::toDegrees);
        UNARY.put("toRadians", NDArray::toRadians);
        UNARY.put("erf", NDArray::erf);
        UNARY.put("erfinv", a -> a.div(10).erfinv());
        UNARY.put("erfinv alone", NDArray::erfinv);
        UNARY.put("isNaN", NDArray::isNaN);
        UNARY.put("isInfinite", NDArray::isInfinite);
        UNARY.put("logicalNot", NDArray::logicalNot);
        UNARY.put("clip", a -> a.clip(-1, 2));

        BINARY.put("add", NDArray::add);
        BINARY.put("sub", NDArray::sub);
        BINARY.put("mul", NDArray::mul);
        BINARY.put("div", NDArray::div);
        BINARY.put("mod", NDArray::mod);
        BINARY.put("pow", NDArray::pow);
        BINARY.put("maximum", NDArray::maximum);
        BINARY.put("minimum", NDArray::minimum);
        BINARY.put("eq", NDArray::eq);
        BINARY.put("neq", NDArray::neq);
        BINARY.put("gt", NDArray::gt);
        BINARY.put("gte", NDArray::gte);
        BINARY.put("lt", NDArray::lt);
        BINARY.put("lte", NDArray::lte);
        BINARY.put("logicalAnd", NDArray::logicalAnd);
        BINARY.put("logicalOr", NDArray::logicalOr);
        BINARY.put("logicalXor", NDArray::logicalXor);
        BINARY.put("xlogy", NDArray::xlogy);
        BINARY.put("atan2", NDArray::atan2);
        BINARY.put("addi", NDArray::addi);
        BINARY.put("subi", NDArray::subi);
        BINARY.put("muli", NDArray::muli);
        BINARY.put("divi", NDArray::divi);
        BINARY.put("modi", NDArray::modi);
        BINARY.put("powi", NDArray::powi);

        WITH_NUMBER.put("add", NDArray::add);
        WITH_NUMBER.put("sub", NDArray::sub);
        WITH_NUMBER.put("mul", NDArray::mul);
        WITH_NUMBER.put("div", NDArray::div);
        WITH_NUMBER.put("mod", NDArray::mod);
        WITH_NUMBER.put("pow", NDArray::pow);
        WITH_NUMBER.put("maximum", NDArray::maximum);
        WITH_NUMBER.put("minimum", NDArray::minimum);
        WITH_NUMBER.put("eq", NDArray::eq);
        WITH_NUMBER.put("neq", NDArray::neq);
        WITH_NUMBER.put("gt", NDArray::gt);
        WITH_NUMBER.put("gte", NDArray::gte);
        WITH_NUMBER.put("lt", NDArray::lt);
        WITH_NUMBER.put("lte", NDArray::lte);
        WITH_NUMBER.put("addi", NDArray::addi);
        WITH_NUMBER.put("subi", NDArray::subi);
        WITH_NUMBER.put("muli", NDArray::muli);
        WITH_NUMBER.put("divi", NDArray::divi);
        WITH_NUMBER.put("modi", NDArray::modi);
        WITH_NUMBER.put("powi", NDArray::powi);
    }

    private ElementWiseCases() {}

    static void addTo(Catalogue catalogue) {
        catalogue.cross(UNARY);
        BINARY.forEach((name, operation) -> addBinary(catalogue, name, operation));
        WITH_NUMBER.forEach(
                (name, operation) -> {
                    for (Number number : List.of(2, 2L, 2.5f, -1.5, (byte) 3)) {
                        for (DataType type :
                                List.of(
                                        DataType.FLOAT32,
                                        DataType.INT32,
                                        DataType.FLOAT64,
                                        DataType.UINT8)) {
                            String label =
                                    name
                                            + " of "
                                            + type
                                            + " and "
                                            + number.getClass().getSimpleName()
                                            + " "
                                            + number;
                            catalogue.add(
                                    label,
                                    m -> Samples.array(m, type, new Shape(2, 5)),
                                    array -> operation.apply(array, number));
                        }
                    }
                });
    }

    private static void addBinary(
            Catalogue catalogue, String name, BiFunction<NDArray, NDArray, Object> operation) {
        for (DataType left : Samples.TYPES) {
            for (DataType right :
                    new LinkedHashSet<>(Arrays.asList(left, DataType.FLOAT32, DataType.INT64))) {
                catalogue.add(
                        name + " of " + left + " and " + right,
                        m -> Samples.array(m, left, new Shape(2, 4)),
                        m -> Samples.array(m, right, new Shape(2, 4), 1),
                        operation);
            }
        }
        Shape[][] pairs = {
            {new Shape(2, 3), new Shape(3)},
            {new Shape(2, 1), new Shape(1, 3)},
            {new Shape(2, 3), new Shape()},
            {new Shape(), new Shape(2)},
            {new Shape(2, 3), new Shape(2)},
            {new Shape(0), new Shape(1)},
            {new Shape(4, 1, 2), new Shape(3, 1)}
        };
        for (Shape[] pair : pairs) {
            catalogue.add(
                    name + " of shapes " + pair[0] + " and " + pair[1],
                    m -> Samples.array(m, DataType.FLOAT32, pair[0]),
                    m -> Samples.array(m, DataType.FLOAT32, pair[1], 2),
                    operation);
        }
        catalogue.add(
                name + " of special values",
                Samples::special,
                m -> Samples.special(m).flip(0),
                operation);
    }
}
