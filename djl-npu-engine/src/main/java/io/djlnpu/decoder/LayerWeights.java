package io.djlnpu.decoder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.kernel.ProjectionWeights;
import io.djlnpu.program.LayerMatrix;
import io.djlnpu.program.NormWeight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** One decoder layer's weights: matrices where they lie in the bundle, norms widened to float32. */
record LayerWeights(
        ProjectionWeights query,
        ProjectionWeights key,
        ProjectionWeights value,
        ProjectionWeights output,
        ProjectionWeights gate,
        ProjectionWeights up,
        ProjectionWeights down,
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
                matrix(bundle, prefix + "self_attn.q_proj.weight"),
                matrix(bundle, prefix + "self_attn.k_proj.weight"),
                matrix(bundle, prefix + "self_attn.v_proj.weight"),
                matrix(bundle, prefix + "self_attn.o_proj.weight"),
                matrix(bundle, prefix + "mlp.gate_proj.weight"),
                matrix(bundle, prefix + "mlp.up_proj.weight"),
                matrix(bundle, prefix + "mlp.down_proj.weight"),
                norm(bundle, prefix + "input_layernorm.weight", arena),
                norm(bundle, prefix + "post_attention_layernorm.weight", arena),
                norm(bundle, prefix + "pre_feedforward_layernorm.weight", arena),
                norm(bundle, prefix + "post_feedforward_layernorm.weight", arena),
                norm(bundle, prefix + "self_attn.q_norm.weight", arena),
                norm(bundle, prefix + "self_attn.k_norm.weight", arena));
    }

    ProjectionWeights matrix(LayerMatrix role) {
        return switch (role) {
            case QUERY -> query;
            case KEY -> key;
            case VALUE -> value;
            case OUTPUT -> output;
            case GATE -> gate;
            case UP -> up;
            case DOWN -> down;
        };
    }

    ProjectionWeights[] matrices(List<LayerMatrix> roles) {
        return roles.stream().map(this::matrix).toArray(ProjectionWeights[]::new);
    }

    MemorySegment norm(NormWeight role) {
        return switch (role) {
            case BEFORE_ATTENTION -> inputNorm;
            case AFTER_ATTENTION -> postAttentionNorm;
            case BEFORE_MLP -> preFeedForwardNorm;
            case AFTER_MLP -> postFeedForwardNorm;
        };
    }

    static ProjectionWeights matrix(ModelBundle bundle, String name) throws ModelFormatException {
        return new ProjectionWeights(bundle.matrix(name));
    }

    /** All matrices, in the order of use. */
    List<ProjectionWeights> matrices() {
        return List.of(query, key, value, output, gate, up, down);
    }

    static MemorySegment norm(ModelBundle bundle, String name, Arena arena)
            throws ModelFormatException {
        float[] values = bundle.vector(name);
        MemorySegment segment = arena.allocate(4L * values.length, 64);
        MemorySegment.copy(values, 0, segment, JAVA_FLOAT, 0, values.length);
        return segment;
    }
}
