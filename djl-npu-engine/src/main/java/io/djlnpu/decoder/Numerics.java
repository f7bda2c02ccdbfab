package io.djlnpu.decoder;

/** What kernels exchange. */
public enum Numerics {
    /** Activations and cache rounded to bf16 at every kernel boundary, as on the NPU. */
    BF16,
    /** Nothing is narrowed; for comparing with references. */
    FLOAT32
}
