package io.djlnpu.simd;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inner loops that this Java machine can run, best first: Vector API with the machine's own
 * vector width, else plain Java.
 *
 * @param name what runs, for logs and benchmarks
 * @param matrixVector decode projections
 * @param panels prefill projections
 * @param attention attention steps
 * @param elementwise everything between
 * @param tokenPanels the vision tower
 */
public record SimdProvider(
        String name,
        MatrixVector matrixVector,
        Panels panels,
        Attention attention,
        Elementwise elementwise,
        TokenPanels tokenPanels) {

    private static final Logger LOGGER = LoggerFactory.getLogger(SimdProvider.class);
    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final String VECTOR_PROVIDER = "io.djlnpu.simd.VectorProvider";

    /** Chosen once, when first asked for. */
    private static final class Best {
        private static final SimdProvider INSTANCE = choose();
    }

    /**
     * Returns the best provider.
     *
     * @return the provider that kernels run on by default
     */
    public static SimdProvider best() {
        return Best.INSTANCE;
    }

    /**
     * Returns the plain Java provider: slow, and the yardstick of the others.
     *
     * @return the scalar provider
     */
    public static SimdProvider scalar() {
        return new SimdProvider(
                "scalar",
                new ScalarMatrixVector(),
                new ScalarPanels(),
                new ScalarAttention(),
                new ScalarElementwise(),
                new ScalarTokenPanels(8));
    }

    private static SimdProvider choose() {
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            LOGGER.warn(
                    "Kernels run in plain Java; start Java with --add-modules {} and they run 10 to 20 times faster",
                    VECTOR_MODULE);
            return scalar();
        }
        try {
            // by name, so that the Vector API's classes are never loaded where the module is absent
            SimdProvider provider =
                    (SimdProvider)
                            Class.forName(VECTOR_PROVIDER).getDeclaredMethod("create").invoke(null);
            LOGGER.debug("Kernels run on {}", provider.name());
            return provider;
        } catch (ReflectiveOperationException | LinkageError e) {
            LOGGER.warn("Kernels run in plain Java; the Vector API is there but cannot be used", e);
            return scalar();
        }
    }
}
