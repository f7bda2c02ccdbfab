package io.djlnpu.simulate;

/**
 * Where a decoder layer normalises.
 *
 * @param residualNorms norms of the residual stream's width: 2 before the blocks, 4 before and
 *     after them
 * @param headNorms whether queries and keys are normalised head by head
 */
public record NormStyle(int residualNorms, boolean headNorms) {

    /** Gemma 3: before and after each block, and each head. */
    public static final NormStyle SANDWICH = new NormStyle(4, true);

    /** Llama, Qwen 2, Phi 3, Mistral: before each block. */
    public static final NormStyle BEFORE = new NormStyle(2, false);

    /** Takes the style of a Hugging Face {@code model_type}. */
    static NormStyle ofFamily(String modelType) {
        boolean sandwich = modelType.startsWith("gemma2") || modelType.startsWith("gemma3");
        boolean headNorms =
                modelType.startsWith("gemma3")
                        || modelType.startsWith("qwen3")
                        || modelType.startsWith("olmo2");
        return new NormStyle(sandwich ? 4 : 2, headNorms);
    }

    /** Whether a norm follows each block, before its result joins the residual stream. */
    boolean isSandwich() {
        return residualNorms > 2;
    }
}
