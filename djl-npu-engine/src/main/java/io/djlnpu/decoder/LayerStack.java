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
import java.util.function.IntFunction;

/**
 * The layers of one session, with the rotary angles and the visibility that all layers of a kind
 * share in a chunk.
 */
final class LayerStack {

    private final List<DecoderLayer> layers = new ArrayList<>();
    private final Chunk chunk;
    private final TextSpans texts;
    private final Rope[] ropes;

    /**
     * Binds the layers.
     *
     * @param weights of each layer
     * @param caches of each layer
     * @param capacity the most tokens of a chunk
     */
    LayerStack(
            DecoderSpec config,
            List<LayerWeights> weights,
            KernelContext context,
            Buffers buffers,
            RmsNorm norm,
            IntFunction<LayerCache> caches,
            int capacity) {
        chunk = new Chunk(capacity);
        texts = new TextSpans(chunk, capacity);
        Map<RopeSpec, Rope> distinct = new HashMap<>();
        Map<LayerKind, Rope> ropeOf = new EnumMap<>(LayerKind.class);
        Map<LayerKind, ChunkVisibility> visibility = new EnumMap<>(LayerKind.class);
        for (LayerKind kind : LayerKind.values()) {
            AttentionSpec attention = kind.of(config.attention());
            visibility.put(kind, new ChunkVisibility(attention.visible(), texts));
            ropeOf.put(
                    kind,
                    distinct.computeIfAbsent(
                            attention.rope(),
                            rope -> new Rope(context, config.headDim(), rope, capacity)));
        }
        ropes = distinct.values().toArray(Rope[]::new);
        int heads = config.heads();
        int kvHeads = config.kvHeads();
        LayerKernels kernels =
                new LayerKernels(
                        context,
                        norm,
                        new GegluMul(
                                context, config.intermediateSize(), config.style().activation()),
                        new FlowQkv(context, heads, kvHeads, config.headDim()),
                        config.isEmbedding()
                                ? null
                                : new FlowKv(context, heads, kvHeads, config.headDim()),
                        ropeOf,
                        visibility);
        for (int i = 0; i < config.layers(); i++) {
            LayerKind kind = LayerKind.of(config.isLocal(i));
            LayerProgram program = LayerProgram.of(config.style(), kind);
            layers.add(
                    new DecoderLayer(
                            program, config, weights.get(i), buffers, caches.apply(i), kernels));
        }
    }

    DecoderLayer layer(int index) {
        return layers.get(index);
    }

    /** The tokens on their way. */
    Chunk chunk() {
        return chunk;
    }

    /** Begins a chunk of a sequence: tokens at a position that are rotated for another one. */
    void begin(int position, int rotation, int tokens, ActivationObserver observer) {
        chunk.begin(position, tokens, observer);
        for (Rope rope : ropes) {
            rope.prepare(rotation, tokens);
        }
    }

    /** Tells what the tokens of the chunk see: a prompt's tokens from {@code from} on. */
    void show(int position, PromptChunks prompt, int from) {
        texts.show(position, prompt, from, chunk.tokens);
    }

    /** Which keys each token of the chunk may see. */
    TextSpans texts() {
        return texts;
    }

    /** Begins a chunk of texts side by side, none of which sees another. */
    void beginTexts(ActivationObserver observer) {
        chunk.begin(0, 0, observer);
    }

    /** Appends a text to the chunk: tokens at a place in the cache behind all others. */
    void appendText(int slot, int tokens) {
        int first = chunk.tokens;
        chunk.append(slot, tokens);
        texts.showText(first, chunk.tokens);
        for (Rope rope : ropes) {
            rope.prepare(first, 0, tokens);
        }
    }

    /** Takes the residual stream of the chunk through all layers. */
    void prefill() {
        for (DecoderLayer layer : layers) {
            Interruption.check();
            layer.prefill(chunk);
        }
    }

    /** Of the last layer, nothing is computed that only logits nobody asked for would need. */
    void prefillToLast(boolean lastWanted) {
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
