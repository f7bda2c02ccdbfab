package io.djlnpu.gemma3;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.q4nx.Q4nxTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One decoder layer's weights: matrices where they lie in the bundle, norms widened to float32. */
record LayerWeights(
        Q4nxTensor query,
        Q4nxTensor key,
        Q4nxTensor value,
        Q4nxTensor output,
        Q4nxTensor gate,
        Q4nxTensor up,
        Q4nxTensor down,
        MemorySegment inputNorm,
        MemorySegment postAttentionNorm,
        MemorySegment preFeedForwardNorm,
        MemorySegment postFeedForwardNorm,
        MemorySegment queryNorm,
        MemorySegment keyNorm) {

    static LayerWeights load(ModelBundle bundle, int layer, Arena arena)
            throws ModelFormatException {
        String prefix = "model.layers." + layer + ".";
        return new LayerWeights(
                bundle.matrix(prefix + "self_attn.q_proj.weight"),
                bundle.matrix(prefix + "self_attn.k_proj.weight"),
                bundle.matrix(prefix + "self_attn.v_proj.weight"),
                bundle.matrix(prefix + "self_attn.o_proj.weight"),
                bundle.matrix(prefix + "mlp.gate_proj.weight"),
                bundle.matrix(prefix + "mlp.up_proj.weight"),
                bundle.matrix(prefix + "mlp.down_proj.weight"),
                norm(bundle, prefix + "input_layernorm.weight", arena),
                norm(bundle, prefix + "post_attention_layernorm.weight", arena),
                norm(bundle, prefix + "pre_feedforward_layernorm.weight", arena),
                norm(bundle, prefix + "post_feedforward_layernorm.weight", arena),
                norm(bundle, prefix + "self_attn.q_norm.weight", arena),
                norm(bundle, prefix + "self_attn.k_norm.weight", arena));
    }

    static MemorySegment norm(ModelBundle bundle, String name, Arena arena)
            throws ModelFormatException {
        float[] values = bundle.vector(name);
        MemorySegment segment = arena.allocate(4L * values.length, 64);
        MemorySegment.copy(values, 0, segment, JAVA_FLOAT, 0, values.length);
        return segment;
    }
}
