package io.djlnpu.decoder;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.simd.Attention;
import io.djlnpu.simd.Elementwise;
import io.djlnpu.simd.MatrixVector;
import io.djlnpu.simd.Panels;
import io.djlnpu.simd.SimdProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/**
 * The scalar inner loops, which write down what they are asked to do: which kernel is at work, in
 * what order, and how many results it leaves. One thread.
 */
final class RecordingSimd {

    /**
     * A kernel's work, or that of several alike that follow each other.
     *
     * @param kernel its name; {@code attention} for either of the two
     * @param results numbers that it makes; of attention pairs of a query and a key
     * @param sums of them those that are added to the residual stream
     */
    record Work(String kernel, long results, long sums) {
        Work plus(Work other) {
            return new Work(kernel, results + other.results, sums + other.sums);
        }

        Work withoutSums() {
            return new Work(kernel, results, 0);
        }
    }

    private final List<Work> works = new ArrayList<>();

    List<Work> works() {
        return works;
    }

    SimdProvider provider() {
        SimdProvider scalar = SimdProvider.scalar();
        return new SimdProvider(
                "recording",
                wrap(MatrixVector.class, scalar.matrixVector()),
                wrap(Panels.class, scalar.panels()),
                wrap(Attention.class, scalar.attention()),
                wrap(Elementwise.class, scalar.elementwise()),
                scalar.tokenPanels());
    }

    private <T> T wrap(Class<T> loops, T target) {
        return loops.cast(
                Proxy.newProxyInstance(
                        loops.getClassLoader(),
                        new Class<?>[] {loops},
                        (proxy, method, arguments) -> {
                            write(loops, method, arguments);
                            try {
                                return method.invoke(target, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        }));
    }

    private void write(Class<?> loops, Method method, Object[] a) {
        switch (loops.getSimpleName() + "." + method.getName()) {
            case "MatrixVector.multiply" -> add("FusedDqp", integer(a, 2) * Panels.ROWS);
            case "Panels.store" -> add("TiledMatmul", integer(a, 1) * Panels.ROWS);
            case "Attention.weigh" -> add("attention", Math.max(0, integer(a, 4) - integer(a, 3)));
            case "Elementwise.rmsNorm" -> add("RmsNorm", integer(a, 3));
            // the device's norm does the sum before it, or behind it
            case "Elementwise.add" -> works.add(new Work("RmsNorm", 0, integer(a, 4)));
            case "Elementwise.gateMul" ->
                    add(
                            switch ((GateActivation) a[5]) {
                                case GELU_TANH -> "GegluMul";
                                case SILU -> "SwigluMul";
                            },
                            integer(a, 4));
            case "Elementwise.rotate" -> add("Rope", 2 * integer(a, 5));
            default -> {
                // moves or scales what was counted already
            }
        }
    }

    private void add(String kernel, long results) {
        works.add(new Work(kernel, results, 0));
    }

    /** Takes neighbours of one name together. */
    static List<Work> together(List<Work> works) {
        List<Work> merged = new ArrayList<>();
        for (Work work : works) {
            if (!merged.isEmpty() && merged.getLast().kernel().equals(work.kernel())) {
                merged.add(merged.removeLast().plus(work));
            } else {
                merged.add(work);
            }
        }
        return merged;
    }

    private static long integer(Object[] arguments, int index) {
        return (Integer) arguments[index];
    }
}
