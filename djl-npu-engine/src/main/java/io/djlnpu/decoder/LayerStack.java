package io.djlnpu.decoder;

import io.djlnpu.bundle.AttentionSpec;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.RopeSpec;
import io.djlnpu.kernel.FlowKv;
import io.djlnpu.kernel.FlowQkv;
import io.djlnpu.kernel.GegluMul;
import io.djlnpu.kernel.Interruption;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.RmsNorm;
import io.djlnpu.kernel.Rope;
import io.djlnpu.program.LayerKind;
import io.djlnpu.program.LayerProgram;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The decoder layers of one session, with the rotary angles and the visibility that all layers of a
 * kind share in a chunk.
 */
final class LayerStack {

    private final List<DecoderLayer> layers = new ArrayList<>();
    private final Chunk chunk = new Chunk();
    private final Rope[] ropes;
    private final TextSpans texts;

    LayerStack(
            DecoderModel model,
            KernelContext context,
            Buffers buffers,
            RmsNorm norm,
            SequenceCache sequence,
            int capacity) {
        DecoderSpec config = model.config();
        texts = new TextSpans(capacity);
        Map<RopeSpec, Rope> distinct = new HashMap<>();
        Map<LayerKind, Rope> ropeOf = new EnumMap<>(LayerKind.class);
        Map<LayerKind, ChunkVisibility> visibility = new EnumMap<>(LayerKind.class);
        for (LayerKind kind : LayerKind.values()) {
            AttentionSpec attention = kind.of(config.attention());
            ropeOf.put(
                    kind,
                    distinct.computeIfAbsent(
                            attention.rope(),
                            rope -> new Rope(context, config.headDim(), rope, capacity)));
            visibility.put(kind, new ChunkVisibility(attention.visible(), texts));
        }
        ropes = distinct.values().toArray(Rope[]::new);
        LayerKernels kernels =
                new LayerKernels(
                        context,
                        norm,
                        new GegluMul(
                                context, config.intermediateSize(), config.style().activation()),
                        new FlowQkv(context, config.heads(), config.kvHeads(), config.headDim()),
                        new FlowKv(context, config.heads(), config.kvHeads(), config.headDim()),
                        ropeOf,
                        visibility);
        for (int i = 0; i < config.layers(); i++) {
            LayerProgram program = LayerProgram.of(config.style(), LayerKind.of(config.isLocal(i)));
            layers.add(
                    new DecoderLayer(
                            program, config, model.layer(i), buffers, sequence.layer(i), kernels));
        }
    }

    DecoderLayer layer(int index) {
        return layers.get(index);
    }

    /** The tokens on their way. */
    Chunk chunk() {
        return chunk;
    }

    /** Prepares the angles of the tokens to come. */
    void rotateFrom(int rotation, int tokens) {
        for (Rope rope : ropes) {
            rope.prepare(rotation, tokens);
        }
    }

    /** Which keys each token of a chunk may see. */
    TextSpans texts() {
        return texts;
    }

    /** Takes the residual stream of a chunk through all layers; the observer may be null. */
    void prefill(int position, int tokens, ActivationObserver observer) {
        chunk.begin(position, tokens, observer);
        for (DecoderLayer layer : layers) {
            Interruption.check();
            layer.prefill(chunk);
        }
    }

    /** Of the last layer, nothing is computed that only logits nobody asked for would need. */
    void prefillToLast(int position, int tokens, boolean lastWanted) {
        chunk.begin(position, tokens, null);
        DecoderLayer last = layers.getLast();
        for (DecoderLayer layer : layers) {
            Interruption.check();
            if (layer != last) {
                layer.prefill(chunk);
            }
        }
        last.store(chunk);
        if (lastWanted) {
            last.completeLast(chunk);
        }
    }
}
