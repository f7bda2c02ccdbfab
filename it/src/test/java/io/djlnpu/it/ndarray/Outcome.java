package io.djlnpu.it.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What came of a case: parts with type, shape and numbers, or a refusal. */
record Outcome(List<Part> parts, Throwable refusal) {

    /** One array, or one plain value put as an array. */
    private record Part(String kind, String shape, double[] numbers) {}

    static Outcome of(Object result) {
        List<Part> parts = new ArrayList<>();
        if (result instanceof NDList list) {
            list.forEach(array -> parts.add(part(array)));
        } else if (result instanceof NDArray array) {
            parts.add(part(array));
        } else {
            parts.add(new Part(text(result), "", new double[0]));
        }
        return new Outcome(parts, null);
    }

    static Outcome refused(Throwable refusal) {
        return new Outcome(List.of(), refusal);
    }

    private static String text(Object value) {
        Object[] one = {value};
        return Arrays.deepToString(one);
    }

    private static Part part(NDArray array) {
        NDArray readable = array.getDataType() == DataType.COMPLEX64 ? array.real() : array;
        double[] numbers =
                Arrays.stream(readable.toArray()).mapToDouble(Number::doubleValue).toArray();
        return new Part(array.getDataType().name(), array.getShape().toString(), numbers);
    }

    /** How this outcome differs from the oracle's, or nothing. */
    Optional<String> differenceFrom(Outcome oracle) {
        if (refusal != null || oracle.refusal != null) {
            return refusal != null && oracle.refusal != null
                    ? Optional.empty()
                    : Optional.of("ours: " + this + ", oracle: " + oracle);
        }
        if (parts.size() != oracle.parts.size()) {
            return Optional.of(parts.size() + " parts, oracle: " + oracle.parts.size());
        }
        for (int i = 0; i < parts.size(); i++) {
            Part mine = parts.get(i);
            Part theirs = oracle.parts.get(i);
            if (!mine.kind.equals(theirs.kind)
                    || !mine.shape.equals(theirs.shape)
                    || !close(mine, theirs)) {
                return Optional.of("ours: " + this + ", oracle: " + oracle);
            }
        }
        return Optional.empty();
    }

    private static boolean close(Part mine, Part theirs) {
        double relative =
                switch (mine.kind) {
                    case "FLOAT16" -> 2e-3;
                    case "FLOAT32", "COMPLEX64" -> 1e-5;
                    case "FLOAT64" -> 1e-9;
                    default -> 0;
                };
        for (int i = 0; i < mine.numbers.length; i++) {
            double a = mine.numbers[i];
            double b = theirs.numbers[i];
            boolean equal = a == b || Double.isNaN(a) && Double.isNaN(b);
            if (!equal && !(Math.abs(a - b) <= relative * Math.max(0.1, Math.abs(b)))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        if (refusal != null) {
            String message = String.valueOf(refusal.getMessage()).lines().findFirst().orElse("");
            return refusal.getClass().getSimpleName() + "(" + message + ")";
        }
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            double[] first = Arrays.copyOf(part.numbers, Math.min(12, part.numbers.length));
            text.append(part.kind).append(part.shape).append(Arrays.toString(first)).append(' ');
        }
        return text.toString();
    }
}
