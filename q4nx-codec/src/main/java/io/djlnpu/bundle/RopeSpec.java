package io.djlnpu.bundle;

/**
 * A rotary embedding: pair {@code i} of a head of width {@code d}, elements {@code i} and {@code i
 * + d/2}, turns by {@code position * theta^(-2i/d)}, scaled.
 *
 * @param theta base of the frequencies
 * @param scaling what else happens to them
 */
public record RopeSpec(double theta, RopeScaling scaling) {

    /**
     * Returns one without scaling.
     *
     * @param theta base of the frequencies
     * @return the embedding
     */
    public static RopeSpec of(double theta) {
        return new RopeSpec(theta, new RopeScaling.None());
    }

    /**
     * Returns the factor that divides all angles alike.
     *
     * @return the linear factor; 1 where there is none
     */
    public double linearFactor() {
        return scaling instanceof RopeScaling.Linear linear ? linear.factor() : 1;
    }

    /**
     * Returns the frequency of a pair, scaled: the angle in radians that one position turns it by.
     *
     * @param pair index of the pair, below {@code headDim / 2}
     * @param headDim width of a head
     * @return radians a position
     * @throws IllegalStateException for a scaling that is known by name only
     */
    public double frequency(int pair, int headDim) {
        double plain = Math.pow(theta, -2.0 * pair / headDim);
        return switch (scaling) {
            case RopeScaling.None none -> plain;
            case RopeScaling.Linear linear -> plain / linear.factor();
            case RopeScaling.Llama3 llama -> {
                double turns = llama.originalContext() * plain / (2 * Math.PI);
                double span = llama.highFrequencyFactor() - llama.lowFrequencyFactor();
                double smooth = Math.clamp((turns - llama.lowFrequencyFactor()) / span, 0, 1);
                yield (1 - smooth) * plain / llama.factor() + smooth * plain;
            }
            case RopeScaling.Other other ->
                    throw new IllegalStateException("RoPE scaling '" + other.type() + "'");
        };
    }
}
