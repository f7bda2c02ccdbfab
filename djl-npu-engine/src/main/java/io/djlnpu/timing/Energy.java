package io.djlnpu.timing;

/**
 * Joules by where they are spent.
 *
 * @param npu the NPU's own rail: arithmetic, its memories and switches, leakage and idling
 * @param memory transfers at DDR, controller and devices
 * @param rest the other rails of the package meanwhile
 */
public record Energy(double npu, double memory, double rest) {

    /** Nothing. */
    public static final Energy NONE = new Energy(0, 0, 0);

    /** What is counted. */
    public enum Boundary {
        /** The NPU's own rail. */
        NPU,
        /** The NPU and the memory's transfers. */
        NPU_AND_MEMORY,
        /** All rails of the package and the memory's transfers. */
        PACKAGE
    }

    /**
     * Adds.
     *
     * @param other joules
     * @return the sum
     */
    public Energy plus(Energy other) {
        return new Energy(npu + other.npu, memory + other.memory, rest + other.rest);
    }

    /**
     * Multiplies.
     *
     * @param factor how often
     * @return the product
     */
    public Energy times(double factor) {
        return new Energy(factor * npu, factor * memory, factor * rest);
    }

    /**
     * Sums up within a boundary.
     *
     * @param boundary what is counted
     * @return joules
     */
    public double joules(Boundary boundary) {
        return switch (boundary) {
            case NPU -> npu;
            case NPU_AND_MEMORY -> npu + memory;
            case PACKAGE -> npu + memory + rest;
        };
    }
}
