package io.djlnpu.kernel;

import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.simd.Attention;
import io.djlnpu.simd.Elementwise;
import io.djlnpu.simd.MatrixVector;
import io.djlnpu.simd.PackedUnits;
import io.djlnpu.simd.Panels;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.simd.TokenPanels;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicLong;

/** The scalar inner loops, counted call by call from what they are asked to do. */
final class CountingSimd {

    final AtomicLong macs = new AtomicLong();

    /** Q4NX bytes that were read. */
    final AtomicLong blockBytes = new AtomicLong();

    /** Bytes of bf16 matrices that were read. */
    final AtomicLong denseBytes = new AtomicLong();

    /** Inputs that were laid out for a matrix times a vector. */
    final AtomicLong vectorElements = new AtomicLong();

    /** Results that left a product or an element-wise loop. */
    final AtomicLong results = new AtomicLong();

    /** Elements of keys and of values that were read. */
    final AtomicLong keyElements = new AtomicLong();

    /** Pairs of a query and a key that it sees. */
    final AtomicLong scores = new AtomicLong();

    private final SimdProvider scalar = SimdProvider.scalar();

    SimdProvider provider() {
        return new SimdProvider(
                "counting",
                wrap(MatrixVector.class, scalar.matrixVector()),
                wrap(Panels.class, scalar.panels()),
                wrap(Attention.class, scalar.attention()),
                wrap(Elementwise.class, scalar.elementwise()),
                wrap(TokenPanels.class, scalar.tokenPanels()));
    }

    private <T> T wrap(Class<T> loops, T target) {
        return loops.cast(
                Proxy.newProxyInstance(
                        loops.getClassLoader(),
                        new Class<?>[] {loops},
                        (proxy, method, arguments) -> {
                            count(loops, method, arguments);
                            try {
                                return method.invoke(target, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        }));
    }

    private void count(Class<?> loops, Method method, Object[] a) {
        switch (loops.getSimpleName() + "." + method.getName()) {
            case "MatrixVector.prepare" -> vectorElements.addAndGet(integer(a, 3));
            case "MatrixVector.multiply" -> {
                long blocks = integer(a, 2) * integer(a, 3);
                blockBytes.addAndGet(blocks * Q4nxFormat.BLOCK_BYTES);
                macs.addAndGet(blocks * Panels.ROWS * Panels.COLUMNS);
                results.addAndGet(integer(a, 2) * Panels.ROWS);
            }
            case "Panels.dequantize" ->
                    blockBytes.addAndGet(integer(a, 2) * PackedUnits.UNIT_BYTES);
            case "Panels.multiplyAdd" ->
                    macs.addAndGet(integer(a, 1) * integer(a, 5) * Panels.ROWS);
            case "Panels.store" -> results.addAndGet(integer(a, 1) * Panels.ROWS);
            case "Attention.multiply" ->
                    keyElements.addAndGet(integer(a, 2) * (integer(a, 4) - integer(a, 3)));
            case "Attention.weigh" -> scores.addAndGet(Math.max(0, integer(a, 4) - integer(a, 3)));
            case "Elementwise.rmsNorm" -> elements(integer(a, 3));
            case "Elementwise.gateMul" -> elements(integer(a, 4));
            case "Elementwise.rotate" -> elements(2 * integer(a, 5));
            case "TokenPanels.multiplyAdd" ->
                    macs.addAndGet(
                            integer(a, 2)
                                    * integer(a, 6)
                                    * scalar.tokenPanels().tileRows()
                                    * TokenPanels.TOKENS);
            case "TokenPanels.pack" -> denseBytes.addAndGet(2 * integer(a, 2));
            case "TokenPanels.normalize" -> results.addAndGet(integer(a, 1) * TokenPanels.TOKENS);
            case "TokenPanels.finish" -> results.addAndGet(integer(a, 2) * TokenPanels.TOKENS);
            case "TokenPanels.layerNorm" ->
                    elements(((float[]) a[2]).length * (long) TokenPanels.TOKENS);
            default -> {
                // moves or scales what was counted already
            }
        }
    }

    private void elements(long count) {
        results.addAndGet(count);
        // as the plans count them: a product and a sum each
        macs.addAndGet(2 * count);
    }

    private static long integer(Object[] arguments, int index) {
        return (Integer) arguments[index];
    }
}
