package io.djlnpu.bundle;

/** The activation of a gated MLP. */
public enum GateActivation {
    /** GELU in its tanh form. */
    GELU_TANH,
    /** {@code x * sigmoid(x)}. */
    SILU
}
