package io.djlnpu.decoder;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.kernel.FlowKv;
import io.djlnpu.kernel.FlowQkv;
import io.djlnpu.kernel.GegluMul;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.RmsNorm;
import io.djlnpu.kernel.Rope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The decoder layers of one session, with the rotary angles and the visibility that all layers of a
 * kind share in a chunk.
 */
final class LayerStack {

    private final List<DecoderLayer> layers = new ArrayList<>();
    private final Rope globalRope;
    private final Rope localRope;
    private final int[] imageFirst;
    private final int[] imageEnd;
    private final int[] oldest;
    private final ChunkVisibility globalKeys;
    private final ChunkVisibility localKeys;

    LayerStack(
            DecoderModel model,
            KernelContext context,
            Buffers buffers,
            RmsNorm norm,
            SequenceCache sequence,
            int capacity) {
        DecoderSpec config = model.config();
        globalRope =
                new Rope(
                        context,
                        config.headDim(),
                        config.ropeTheta(),
                        config.ropeScalingFactor(),
                        capacity);
        localRope = new Rope(context, config.headDim(), config.ropeLocalTheta(), 1, capacity);
        imageFirst = new int[capacity];
        imageEnd = new int[capacity];
        oldest = new int[capacity];
        globalKeys = new ChunkVisibility(0, imageFirst, imageEnd, oldest);
        localKeys = new ChunkVisibility(config.slidingWindow(), imageFirst, imageEnd, oldest);
        DecoderLayer.SharedKernels shared =
                new DecoderLayer.SharedKernels(
                        norm,
                        new GegluMul(context, config.intermediateSize()),
                        new FlowQkv(context, config.heads(), config.kvHeads(), config.headDim()),
                        new FlowKv(context, config.heads(), config.kvHeads(), config.headDim()));
        for (int i = 0; i < config.layers(); i++) {
            boolean local = config.isLocal(i);
            layers.add(
                    new DecoderLayer(
                            config,
                            context,
                            model.simd().elementwise(),
                            model.layer(i),
                            buffers,
                            sequence.layer(i),
                            local,
                            local ? localRope : globalRope,
                            shared));
        }
    }

    DecoderLayer layer(int index) {
        return layers.get(index);
    }

    /** Prepares the angles of the tokens to come. */
    void rotateFrom(int rotation, int tokens) {
        globalRope.prepare(rotation, tokens);
        localRope.prepare(rotation, tokens);
    }

    /** Tells what the tokens of a chunk see: a prompt's tokens from {@code from} on. */
    void showFrom(int position, PromptChunks prompt, int from, int tokens) {
        for (int t = 0; t < tokens; t++) {
            ImageSpan image = prompt.at(from + t);
            imageFirst[t] = image == null ? t : image.start() - from;
            imageEnd[t] = image == null ? t + 1 : image.end() - from;
        }
        globalKeys.startAt(position);
        localKeys.startAt(position);
    }

    /** Lets the tokens {@code [from, end)} of a chunk see nothing before a position. */
    void hideBefore(int first, int from, int end) {
        Arrays.fill(oldest, from, end, first);
    }

    /** Takes the residual stream of a chunk through all layers; the observer may be null. */
    void prefill(int position, int tokens, ActivationObserver observer) {
        for (DecoderLayer layer : layers) {
            layer.prefill(position, tokens, visible(layer), observer);
        }
    }

    /** Of the last layer, nothing is computed that only logits nobody asked for would need. */
    void prefillToLast(int position, int tokens, boolean lastWanted) {
        DecoderLayer last = layers.getLast();
        for (DecoderLayer layer : layers) {
            if (layer != last) {
                layer.prefill(position, tokens, visible(layer), null);
            }
        }
        last.store(position, tokens, null);
        if (lastWanted) {
            last.completeLast(tokens, visible(last));
        }
    }

    private ChunkVisibility visible(DecoderLayer layer) {
        return layer.isLocal() ? localKeys : globalKeys;
    }
}
