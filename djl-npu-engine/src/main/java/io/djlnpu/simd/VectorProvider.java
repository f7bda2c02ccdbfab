package io.djlnpu.simd;

/** The provider on the Vector API; loaded by name only, once the module is known to be there. */
final class VectorProvider {

    private VectorProvider() {}

    static SimdProvider create() {
        return new SimdProvider(
                "vector-" + Lanes.FLOATS.vectorBitSize(),
                new VectorMatrixVector(),
                new VectorPanels(),
                new VectorAttention(),
                new VectorElementwise(),
                new VectorTokenPanels());
    }
}
