package io.djlnpu.bundle;

/** How the frequencies of a rotary embedding are changed for a context longer than trained on. */
public sealed interface RopeScaling {

    /** As trained. */
    record None() implements RopeScaling {}

    /**
     * Every frequency divided by one factor.
     *
     * @param factor the divisor
     */
    record Linear(double factor) implements RopeScaling {}

    /**
     * Llama 3.1's: with {@code w} the wavelength {@code 2 pi / f} of a frequency, those of {@code w
     * > originalContext / lowFrequencyFactor} are divided by the factor, those of {@code w <
     * originalContext / highFrequencyFactor} stay, and between them {@code s = (originalContext / w
     * - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)} mixes {@code (1 - s) * f
     * / factor + s * f}.
     *
     * @param factor divisor of low frequencies
     * @param lowFrequencyFactor where frequencies are low
     * @param highFrequencyFactor where they are high; greater than {@code lowFrequencyFactor}
     * @param originalContext tokens of the context that it was trained on first
     */
    record Llama3(
            double factor,
            double lowFrequencyFactor,
            double highFrequencyFactor,
            double originalContext)
            implements RopeScaling {}

    /**
     * One that is known by name only; such a model is priced, not run.
     *
     * @param type the name in {@code rope_type}
     */
    record Other(String type) implements RopeScaling {}

    /**
     * Returns a linear scaling, or none where the factor is 1.
     *
     * @param factor what frequencies are divided by
     * @return the scaling
     */
    static RopeScaling linear(double factor) {
        return factor == 1 ? new None() : new Linear(factor);
    }
}
