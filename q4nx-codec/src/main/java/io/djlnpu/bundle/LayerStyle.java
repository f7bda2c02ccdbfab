package io.djlnpu.bundle;

/**
 * What a decoder layer computes, beside its sizes and what its attention sees.
 *
 * @param norms where the residual stream is normalised
 * @param headNorms whether queries and keys are normalised head by head, before they are rotated
 * @param activation the gate's function
 * @param rmsNormEpsilon epsilon of every RMSNorm
 * @param queryPreAttentionScalar the attention scale is its inverse square root
 * @param scaledEmbedding whether rows of the table are multiplied by {@code sqrt(hiddenSize)}
 */
public record LayerStyle(
        NormPlacement norms,
        boolean headNorms,
        GateActivation activation,
        float rmsNormEpsilon,
        double queryPreAttentionScalar,
        boolean scaledEmbedding) {

    /**
     * Returns the factor of the attention scores.
     *
     * @return {@code queryPreAttentionScalar^-0.5}
     */
    public float attentionScale() {
        return (float) (1 / Math.sqrt(queryPreAttentionScalar));
    }
}
