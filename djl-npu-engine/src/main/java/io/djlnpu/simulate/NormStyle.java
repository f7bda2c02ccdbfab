package io.djlnpu.simulate;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.bundle.LayerStyle;
import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.program.LayerKind;
import io.djlnpu.program.LayerProgram;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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

    /** Gemma 2, GLM 4: before and after each block. */
    private static final NormStyle SANDWICH_ONLY = new NormStyle(4, false);

    /** Qwen 3: before each block, and each head. OLMo 2 has as many, after each block. */
    private static final NormStyle HEADS = new NormStyle(2, true);

    /**
     * Families whose layers are what is priced, attention with grouped queries and then a gated
     * MLP, by their Hugging Face {@code model_type}.
     */
    private static final Map<String, NormStyle> FAMILIES =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("gemma", BEFORE),
                            Map.entry("gemma2", SANDWICH_ONLY),
                            Map.entry("gemma3", SANDWICH),
                            Map.entry("gemma3_text", SANDWICH),
                            Map.entry("glm4", SANDWICH_ONLY),
                            Map.entry("granite", BEFORE),
                            Map.entry("llama", BEFORE),
                            Map.entry("mistral", BEFORE),
                            Map.entry("olmo2", HEADS),
                            Map.entry("phi3", BEFORE),
                            Map.entry("qwen2", BEFORE),
                            Map.entry("qwen2_5_vl_text", BEFORE),
                            Map.entry("qwen3", HEADS),
                            Map.entry("qwen3_vl_text", HEADS),
                            Map.entry("smollm3", BEFORE)));

    /** Finds the style of a family. */
    static Optional<NormStyle> ofFamily(String modelType) {
        return Optional.ofNullable(FAMILIES.get(modelType));
    }

    /** Names the families that are priced. */
    static String families() {
        return String.join(", ", FAMILIES.keySet());
    }

    /** The program of a layer. */
    LayerProgram program(LayerKind kind) {
        return LayerProgram.of(
                new LayerStyle(
                        residualNorms > 2 ? NormPlacement.AROUND : NormPlacement.BEFORE,
                        headNorms,
                        GateActivation.GELU_TANH,
                        1e-6f,
                        1,
                        false),
                kind);
    }
}
