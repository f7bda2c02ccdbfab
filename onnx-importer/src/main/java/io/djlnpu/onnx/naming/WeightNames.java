package io.djlnpu.onnx.naming;

import static io.djlnpu.bundle.LayerTensor.DOWN;
import static io.djlnpu.bundle.LayerTensor.GATE;
import static io.djlnpu.bundle.LayerTensor.INPUT_NORM;
import static io.djlnpu.bundle.LayerTensor.KEY;
import static io.djlnpu.bundle.LayerTensor.KEY_NORM;
import static io.djlnpu.bundle.LayerTensor.OUTPUT;
import static io.djlnpu.bundle.LayerTensor.POST_ATTENTION_NORM;
import static io.djlnpu.bundle.LayerTensor.POST_FEEDFORWARD_NORM;
import static io.djlnpu.bundle.LayerTensor.PRE_FEEDFORWARD_NORM;
import static io.djlnpu.bundle.LayerTensor.QUERY;
import static io.djlnpu.bundle.LayerTensor.QUERY_NORM;
import static io.djlnpu.bundle.LayerTensor.UP;
import static io.djlnpu.bundle.LayerTensor.VALUE;

import io.djlnpu.bundle.EmbeddingHead;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.LayerTensor;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.AttentionBlock;
import io.djlnpu.onnx.structure.DecoderEnd;
import io.djlnpu.onnx.structure.DecoderStructure;
import io.djlnpu.onnx.structure.DecoderStructure.Layer;
import io.djlnpu.onnx.structure.Landmark.Lookup;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.structure.MlpBlock;
import io.djlnpu.onnx.weight.WeightExpression;
import java.io.IOException;
import java.util.List;

/** Gives the weights of a structure Hugging Face's names. */
public final class WeightNames {

    private final DecoderStructure decoder;
    private final Lookup table;
    private final Family family;
    private final NamedWeights named;
    private final List<String> warnings;

    private WeightNames(
            DecoderStructure decoder,
            Lookup table,
            Family family,
            NamedWeights named,
            List<String> warnings) {
        this.family = family;
        this.decoder = decoder;
        this.table = table;
        this.named = named;
        this.warnings = warnings;
    }

    public static void add(
            DecoderStructure decoder,
            Lookup table,
            Family family,
            boolean untied,
            NamedWeights named,
            List<String> warnings)
            throws IOException {
        new WeightNames(decoder, table, family, named, warnings).text(untied);
    }

    private void text(boolean untied) throws IOException {
        put(TensorLayout.EMBEDDING, table.table(), table.node());
        for (int i = 0; i < decoder.layers().size(); i++) {
            layer(i, decoder.layers().get(i));
        }
        DecoderEnd end = decoder.end();
        put(TensorLayout.FINAL_NORM, end.finalNorm().weight(), end.finalNorm().node());
        for (int i = 0; i < end.dense().size(); i++) {
            Projection dense = end.dense().get(i);
            named.plain(EmbeddingHead.tensorName(i), dense.weight(), dense.node());
        }
        if (end.head() != null
                && !HeadRule.tied(table.table(), end.head().weight(), untied, warnings)) {
            put(TensorLayout.HEAD, end.head().weight(), end.head().node());
        }
    }

    private void layer(int index, Layer layer) throws IOException {
        AttentionBlock attention = layer.attention();
        MlpBlock mlp = layer.mlp();
        put(INPUT_NORM, index, attention.inputNorm());
        put(QUERY, index, attention.query(), attention.projections().get(0));
        put(KEY, index, attention.key(), attention.projections().get(1));
        put(VALUE, index, attention.value(), attention.projections().get(2));
        put(OUTPUT, index, attention.output().weight(), attention.output().node());
        put(QUERY_NORM, index, attention.queryNorm(), attention.anchor());
        put(KEY_NORM, index, attention.keyNorm(), attention.anchor());
        put(POST_ATTENTION_NORM, index, attention.outputNorm());
        put(PRE_FEEDFORWARD_NORM, index, mlp.inputNorm());
        put(GATE, index, mlp.gate(), mlp.projections().get(0));
        put(UP, index, mlp.up(), mlp.projections().get(1));
        put(DOWN, index, mlp.down().weight(), mlp.down().node());
        put(POST_FEEDFORWARD_NORM, index, mlp.outputNorm());
    }

    private void put(LayerTensor tensor, int layer, Norm norm) throws IOException {
        if (norm != null) {
            put(tensor, layer, norm.weight(), norm.node());
        }
    }

    private void put(LayerTensor tensor, int layer, WeightExpression weight, OnnxNode node)
            throws IOException {
        if (weight != null) {
            put(tensor.name(family, layer), weight, node);
        }
    }

    private void put(String name, WeightExpression weight, OnnxNode node) throws IOException {
        named.quantized(name, weight, node);
    }
}
