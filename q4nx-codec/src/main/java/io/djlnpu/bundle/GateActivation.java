package io.djlnpu.bundle;

/** What the gate of a gated MLP is passed through before it multiplies the other half. */
public enum GateActivation {
    /** GELU in its tanh form. */
    GELU_TANH("gelu_pytorch_tanh"),

    /** {@code x * sigmoid(x)}. */
    SILU("silu");

    private final String key;

    GateActivation(String key) {
        this.key = key;
    }

    /**
     * Returns Hugging Face's name.
     *
     * @return the value of {@code hidden_act}
     */
    public String key() {
        return key;
    }
}
