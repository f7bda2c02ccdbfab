package io.djlnpu.bundle;

import java.util.Arrays;
import java.util.List;

/**
 * The tensors of a decoder layer by role: one list for whoever reads, writes, imports or invents
 * weights.
 */
public enum LayerTensor {
    /** Queries, {@code [heads * headDim, hidden]}. */
    QUERY("self_attn.q_proj"),
    /** Keys, {@code [kvHeads * headDim, hidden]}. */
    KEY("self_attn.k_proj"),
    /** Values, {@code [kvHeads * headDim, hidden]}. */
    VALUE("self_attn.v_proj"),
    /** What attention gives, {@code [hidden, heads * headDim]}. */
    OUTPUT("self_attn.o_proj"),
    /** The MLP's gate, {@code [intermediate, hidden]}. */
    GATE("mlp.gate_proj"),
    /** What the gate multiplies, {@code [intermediate, hidden]}. */
    UP("mlp.up_proj"),
    /** What the MLP gives, {@code [hidden, intermediate]}. */
    DOWN("mlp.down_proj"),
    /** Norm before attention, {@code [hidden]}. */
    INPUT_NORM("input_layernorm"),
    /** Norm of what attention gives, {@code [hidden]}. */
    POST_ATTENTION_NORM("post_attention_layernorm"),
    /** Norm before the MLP, {@code [hidden]}. */
    PRE_FEEDFORWARD_NORM("pre_feedforward_layernorm"),
    /** Norm of what the MLP gives, {@code [hidden]}. */
    POST_FEEDFORWARD_NORM("post_feedforward_layernorm"),
    /** Norm of each query head, {@code [headDim]}. */
    QUERY_NORM("self_attn.q_norm"),
    /** Norm of each key head, {@code [headDim]}. */
    KEY_NORM("self_attn.k_norm");

    private final String suffix;

    LayerTensor(String suffix) {
        this.suffix = suffix;
    }

    /**
     * Lists the tensors that layers of a style have.
     *
     * @param style what a layer computes
     * @return the roles, matrices first
     */
    public static List<LayerTensor> of(LayerStyle style) {
        return Arrays.stream(values()).filter(tensor -> tensor.isIn(style)).toList();
    }

    private boolean isIn(LayerStyle style) {
        NormPlacement norms = style.norms();
        return switch (this) {
            case INPUT_NORM, PRE_FEEDFORWARD_NORM -> norms != NormPlacement.AFTER;
            case POST_ATTENTION_NORM, POST_FEEDFORWARD_NORM -> norms != NormPlacement.BEFORE;
            case QUERY_NORM, KEY_NORM -> style.headNorms();
            default -> true;
        };
    }

    /**
     * Tells a matrix from a norm.
     *
     * @return true for a projection
     */
    public boolean isMatrix() {
        return ordinal() < INPUT_NORM.ordinal();
    }

    /**
     * Returns the name that most families have for it.
     *
     * @return Hugging Face's suffix, without {@code .weight}
     */
    public String suffix() {
        return suffix;
    }

    /**
     * Returns the tensor's name in a checkpoint and in a bundle.
     *
     * @param family whose name
     * @param layer index from 0
     * @return Hugging Face's name
     */
    public String name(Family family, int layer) {
        return "model.layers." + layer + "." + family.suffix(this) + ".weight";
    }

    /**
     * Returns the tensor's rows.
     *
     * @param spec the specification
     * @return outputs; 1 for a norm
     */
    public int rows(DecoderSpec spec) {
        return switch (this) {
            case QUERY -> spec.queryWidth();
            case KEY, VALUE -> spec.keyValueWidth();
            case GATE, UP -> spec.intermediateSize();
            case OUTPUT, DOWN -> spec.hiddenSize();
            default -> 1;
        };
    }

    /**
     * Returns the tensor's columns.
     *
     * @param spec the specification
     * @return inputs, or the length of a norm
     */
    public int columns(DecoderSpec spec) {
        return switch (this) {
            case OUTPUT -> spec.queryWidth();
            case DOWN -> spec.intermediateSize();
            case QUERY_NORM, KEY_NORM -> spec.headDim();
            default -> spec.hiddenSize();
        };
    }
}
