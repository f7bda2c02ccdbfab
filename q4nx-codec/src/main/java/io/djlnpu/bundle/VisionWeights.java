package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.q4nx.TiledMatrix;
import java.util.ArrayList;
import java.util.List;

/**
 * The vision tower and the projector of an open bundle, by role; shapes were checked when the
 * bundle was opened, so reading cannot meet a surprise.
 *
 * <p>Matrices stay where they lie in the file, {@code [outputs, inputs]} in bf16 tiles; everything
 * else is widened to float32 once. All of it is valid until the bundle is closed.
 *
 * @param config sizes of the tower
 * @param patchWeight {@code [hidden, 3, patch, patch]}, row-major; channels are red, green, blue
 * @param patchBias {@code [hidden]}
 * @param positions {@code [patches, hidden]}, row-major; patches from left to right, then downwards
 * @param layers the encoder, first layer first
 * @param postNorm the LayerNorm behind the encoder
 * @param projectorNorm {@code [hidden]}: {@code 1 + w} of the RMSNorm behind the average pool
 * @param projector {@code [text hidden, hidden]}, no bias
 */
public record VisionWeights(
        VisionSpec config,
        float[] patchWeight,
        float[] patchBias,
        float[] positions,
        List<Layer> layers,
        LayerNorm postNorm,
        float[] projectorNorm,
        TiledMatrix projector) {

    /** Copies the list. */
    public VisionWeights {
        layers = List.copyOf(layers);
    }

    /**
     * A LayerNorm: mean taken off, scaled to unit variance, then {@code weight * x + bias}.
     *
     * @param weight {@code [hidden]}
     * @param bias {@code [hidden]}
     */
    public record LayerNorm(float[] weight, float[] bias) {}

    /**
     * A linear layer, {@code y = W x + b}.
     *
     * @param weight {@code [outputs, inputs]}
     * @param bias {@code [outputs]}
     */
    public record Linear(TiledMatrix weight, float[] bias) {}

    /**
     * An encoder layer: {@code x += output(attention(attentionNorm(x)))}, then {@code x +=
     * second(gelu(first(mlpNorm(x))))} with the tanh form of GELU.
     *
     * @param attentionNorm before attention
     * @param query {@code [hidden, hidden]}
     * @param key {@code [hidden, hidden]}
     * @param value {@code [hidden, hidden]}
     * @param output {@code [hidden, hidden]}
     * @param mlpNorm before the MLP
     * @param first {@code [intermediate, hidden]}
     * @param second {@code [hidden, intermediate]}
     */
    public record Layer(
            LayerNorm attentionNorm,
            Linear query,
            Linear key,
            Linear value,
            Linear output,
            LayerNorm mlpNorm,
            Linear first,
            Linear second) {}

    static VisionWeights of(ModelBundle bundle) throws ModelFormatException {
        return new Reader(bundle).read();
    }

    private record Reader(ModelBundle bundle) {

        VisionWeights read() throws ModelFormatException {
            VisionSpec config = bundle.config().vision().orElseThrow();
            List<Layer> layers = new ArrayList<>();
            for (int i = 0; i < config.layers(); i++) {
                layers.add(layer(VisionLayout.TOWER + "encoder.layers." + i + "."));
            }
            String embeddings = VisionLayout.TOWER + "embeddings.";
            return new VisionWeights(
                    config,
                    bundle.vector(embeddings + "patch_embedding.weight"),
                    bundle.vector(embeddings + "patch_embedding.bias"),
                    bundle.vector(embeddings + "position_embedding.weight"),
                    layers,
                    norm(VisionLayout.TOWER + "post_layernorm"),
                    bundle.vector(VisionLayout.PROJECTOR_NORM),
                    bundle.visionMatrix(VisionLayout.PROJECTOR));
        }

        private Layer layer(String prefix) throws ModelFormatException {
            return new Layer(
                    norm(prefix + "layer_norm1"),
                    linear(prefix + "self_attn.q_proj"),
                    linear(prefix + "self_attn.k_proj"),
                    linear(prefix + "self_attn.v_proj"),
                    linear(prefix + "self_attn.out_proj"),
                    norm(prefix + "layer_norm2"),
                    linear(prefix + "mlp.fc1"),
                    linear(prefix + "mlp.fc2"));
        }

        private LayerNorm norm(String name) throws ModelFormatException {
            return new LayerNorm(bundle.vector(name + ".weight"), bundle.vector(name + ".bias"));
        }

        private Linear linear(String name) throws ModelFormatException {
            return new Linear(bundle.visionMatrix(name + ".weight"), bundle.vector(name + ".bias"));
        }
    }
}
