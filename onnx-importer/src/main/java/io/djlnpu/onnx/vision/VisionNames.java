package io.djlnpu.onnx.vision;

import io.djlnpu.bundle.VisionLayout;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.naming.NamedWeights;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmarks;
import io.djlnpu.onnx.vision.VisionLayer.Linear;
import io.djlnpu.onnx.weight.WeightExpression;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Gives the weights of a vision tower Hugging Face's names. */
public final class VisionNames {

    private final VisionStructure vision;
    private final Landmarks landmarks;
    private final NamedWeights named;
    private final List<String> withoutBias = new ArrayList<>();

    private VisionNames(VisionStructure vision, Landmarks landmarks, NamedWeights named) {
        this.vision = vision;
        this.landmarks = landmarks;
        this.named = named;
    }

    public static void add(VisionStructure vision, Landmarks landmarks, NamedWeights named)
            throws IOException {
        new VisionNames(vision, landmarks, named).tower();
    }

    private void tower() throws IOException {
        String embeddings = VisionLayout.TOWER + "embeddings.";
        OnnxNode convolution = vision.convolution();
        withBias(
                embeddings + "patch_embedding",
                new Linear(convolution, vision.patchWeight(), vision.patchBias()));
        named.plain(embeddings + "position_embedding.weight", vision.positions(), convolution);
        for (int i = 0; i < vision.layers().size(); i++) {
            layer(VisionLayout.TOWER + "encoder.layers." + i + ".", vision.layers().get(i));
        }
        norm(VisionLayout.TOWER + "post_layernorm", vision.postNorm());
        named.plain(
                VisionLayout.PROJECTOR_NORM, vision.softNorm().weight(), vision.softNorm().node());
        named.plain(
                VisionLayout.PROJECTOR,
                vision.projection().weight().transposed(),
                vision.projection().node());
        if (!withoutBias.isEmpty()) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_MODEL,
                    "%s: not the vision tower of a Gemma 3: no bias of %s"
                            .formatted(landmarks.index().file(), String.join(", ", withoutBias)));
        }
    }

    private void layer(String prefix, VisionLayer layer) throws IOException {
        norm(prefix + "layer_norm1", layer.attentionNorm());
        withBias(prefix + "self_attn.q_proj", layer.query());
        withBias(prefix + "self_attn.k_proj", layer.key());
        withBias(prefix + "self_attn.v_proj", layer.value());
        withBias(prefix + "self_attn.out_proj", layer.output());
        norm(prefix + "layer_norm2", layer.mlpNorm());
        withBias(prefix + "mlp.fc1", layer.first());
        withBias(prefix + "mlp.fc2", layer.second());
    }

    /** A LayerNorm in single steps has its bias in an Add behind. */
    private void norm(String name, Norm norm) throws IOException {
        WeightExpression bias = norm.bias();
        if (bias == null) {
            BiasFinder biases = new BiasFinder(landmarks.index(), landmarks.resolver());
            bias = biases.of(norm.node(), norm.weight().columns());
        }
        withBias(name, new Linear(norm.node(), norm.weight(), bias));
    }

    private void withBias(String name, Linear linear) {
        named.plain(name + ".weight", linear.weight(), linear.node());
        if (linear.bias() == null) {
            withoutBias.add(name);
        } else {
            named.plain(name + ".bias", linear.bias(), linear.node());
        }
    }
}
