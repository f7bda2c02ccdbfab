package io.djlnpu.onnx.gemma3;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.gemma3.DecoderStructure.Layer;
import io.djlnpu.onnx.gemma3.Landmark.Lookup;
import io.djlnpu.onnx.weight.WeightExpression;
import java.io.IOException;
import java.util.List;

/** Gives the weights of a structure Hugging Face's names. */
final class WeightNames {

    private final DecoderStructure decoder;
    private final Lookup table;
    private final NamedWeights named;
    private final List<String> warnings;

    private WeightNames(
            DecoderStructure decoder, Lookup table, NamedWeights named, List<String> warnings) {
        this.decoder = decoder;
        this.table = table;
        this.named = named;
        this.warnings = warnings;
    }

    static void add(
            DecoderStructure decoder,
            Lookup table,
            boolean untied,
            NamedWeights named,
            List<String> warnings)
            throws IOException {
        new WeightNames(decoder, table, named, warnings).text(untied);
    }

    private void text(boolean untied) throws IOException {
        put("model.embed_tokens.weight", table.table(), table.node());
        for (int i = 0; i < decoder.layers().size(); i++) {
            layer("model.layers." + i + ".", decoder.layers().get(i));
        }
        put("model.norm.weight", decoder.finalNorm().weight(), decoder.finalNorm().node());
        if (!HeadRule.tied(table.table(), decoder.head().weight(), untied, warnings)) {
            put("lm_head.weight", decoder.head().weight(), decoder.head().node());
        }
    }

    private void layer(String prefix, Layer layer) throws IOException {
        AttentionBlock attention = layer.attention();
        MlpBlock mlp = layer.mlp();
        String self = prefix + "self_attn.";
        put(
                prefix + "input_layernorm.weight",
                attention.inputNorm().weight(),
                attention.inputNorm().node());
        put(self + "q_proj.weight", attention.query(), attention.projections().get(0));
        put(self + "k_proj.weight", attention.key(), attention.projections().get(1));
        put(self + "v_proj.weight", attention.value(), attention.projections().get(2));
        put(self + "o_proj.weight", attention.output().weight(), attention.output().node());
        put(self + "q_norm.weight", attention.queryNorm(), attention.anchor());
        put(self + "k_norm.weight", attention.keyNorm(), attention.anchor());
        put(
                prefix + "post_attention_layernorm.weight",
                attention.outputNorm().weight(),
                attention.outputNorm().node());
        put(
                prefix + "pre_feedforward_layernorm.weight",
                mlp.inputNorm().weight(),
                mlp.inputNorm().node());
        put(prefix + "mlp.gate_proj.weight", mlp.gate(), mlp.projections().get(0));
        put(prefix + "mlp.up_proj.weight", mlp.up(), mlp.projections().get(1));
        put(prefix + "mlp.down_proj.weight", mlp.down().weight(), mlp.down().node());
        put(
                prefix + "post_feedforward_layernorm.weight",
                mlp.outputNorm().weight(),
                mlp.outputNorm().node());
    }

    private void put(String name, WeightExpression weight, OnnxNode node) throws IOException {
        named.quantized(name, weight, node);
    }
}
