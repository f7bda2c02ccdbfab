package io.djlnpu.gemma3;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.Gemma3Config;
import io.djlnpu.bundle.Gemma3Config.VisionConfig;
import io.djlnpu.kernel.FlowKv;
import io.djlnpu.kernel.FlowQkv;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.kernel.GegluMul;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.LmHead;
import io.djlnpu.kernel.ProjectionWeights;
import io.djlnpu.kernel.RmsNorm;
import io.djlnpu.kernel.Rope;
import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * One sequence: its key/value cache, position and buffers. Not thread-safe; several sessions of a
 * model may run at the same time.
 *
 * <p><b>Numerics</b>: the same bits whatever the number of threads and however a prompt is cut into
 * chunks.
 */
public final class Gemma3Session implements AutoCloseable {

    private final Gemma3Model model;
    private final Gemma3Config config;
    private final int chunk;

    /** The most tokens that go through the layers together: a chunk, or an image. */
    private final int capacity;

    private final Arena arena = Arena.ofShared();
    private final KernelContext context;
    private final Buffers buffers;
    private final List<DecoderLayer> layers = new ArrayList<>();
    private final Rope globalRope;
    private final Rope localRope;
    private final int[] imageFirst;
    private final int[] imageEnd;
    private final ChunkVisibility globalKeys;
    private final ChunkVisibility localKeys;
    private final RmsNorm norm;
    private final LmHead head;
    private final float[] logits;
    private final float[] hidden;
    private int position;

    /** The longest that the sequence ever was: what rings have overwritten stays overwritten. */
    private int longest;

    private int rotationShift;
    private boolean closed;

    private final FusedDqp[] headOnly = new FusedDqp[1];
    private int nextToken;

    /** Guarded by the {@link DecodeGate}: whether the next token is yet to be decoded. */
    boolean pending;

    /** Guarded by the {@link DecodeGate}: why the last step failed, or null. */
    RuntimeException failure;

    Gemma3Session(Gemma3Model model) {
        this.model = model;
        config = model.config();
        Gemma3Options options = model.options();
        chunk = Math.min(options.prefillChunk(), model.maxContext());
        capacity =
                Math.max(
                        chunk,
                        Math.min(
                                config.vision().map(VisionConfig::tokensPerImage).orElse(0),
                                model.maxContext()));
        imageFirst = new int[capacity];
        imageEnd = new int[capacity];
        boolean narrow = options.numerics() == Numerics.BF16;
        context =
                new KernelContext(options.device(), model.executor(), model.simd(), narrow, arena);
        buffers = new Buffers(context, config, capacity, options.threads());
        globalRope =
                new Rope(
                        context,
                        config.headDim(),
                        config.ropeTheta(),
                        config.ropeScalingFactor(),
                        capacity);
        localRope = new Rope(context, config.headDim(), config.ropeLocalTheta(), 1, capacity);
        globalKeys = new ChunkVisibility(0, imageFirst, imageEnd);
        localKeys = new ChunkVisibility(config.slidingWindow(), imageFirst, imageEnd);
        norm = new RmsNorm(context, config.rmsNormEpsilon());
        DecoderLayer.SharedKernels shared =
                new DecoderLayer.SharedKernels(
                        norm,
                        new GegluMul(context, config.intermediateSize()),
                        new FlowQkv(context, config.heads(), config.kvHeads(), config.headDim()),
                        new FlowKv(context, config.heads(), config.kvHeads(), config.headDim()));
        for (int i = 0; i < config.layers(); i++) {
            boolean local = config.isLocal(i);
            LayerCache cache =
                    new LayerCache(
                            config.kvHeads(),
                            config.headDim(),
                            narrow,
                            local ? config.slidingWindow() : 0,
                            capacity,
                            model.maxContext());
            layers.add(
                    new DecoderLayer(
                            config,
                            context,
                            model.simd().elementwise(),
                            model.layer(i),
                            buffers,
                            cache,
                            local,
                            local ? localRope : globalRope,
                            shared,
                            capacity));
        }
        head = new LmHead(context, buffers.prepared, model.head(), buffers.logits);
        logits = new float[config.vocabSize()];
        hidden = new float[config.hiddenSize()];
    }

    /**
     * Returns the length of the sequence so far.
     *
     * @return tokens in the cache
     */
    public int position() {
        return position;
    }

    /**
     * Feeds a prompt, or more of it.
     *
     * @param ids token ids, at least one
     * @return the last token's logits, {@code [vocab]}; the array is reused by the next call
     * @throws IllegalArgumentException if an id is not in the vocabulary, or the context would be
     *     exceeded
     */
    public float[] prefill(int[] ids) {
        return prefill(ids, List.of());
    }

    /**
     * Feeds a prompt with images, or more of it. Each image lies in one call as a whole.
     *
     * @param ids token ids, at least one; those of images are not looked at
     * @param images the images, counted from the first of these ids
     * @return the last token's logits, {@code [vocab]}; the array is reused by the next call
     * @throws IllegalArgumentException if an id is not in the vocabulary, the context would be
     *     exceeded, or an image does not fit
     */
    public float[] prefill(int[] ids, List<ImageSpan> images) {
        PromptChunks prompt = check(ids, images);
        int from = 0;
        while (from < ids.length) {
            int end = prompt.endOf(from);
            forwardToLast(ids, from, end - from, prompt, end == ids.length);
            if (end == ids.length) {
                readLogits(0);
            }
            from = end;
        }
        return logits;
    }

    /**
     * Feeds a prompt and hands out the logits of every position.
     *
     * @param ids token ids, at least one
     * @param sink receives {@code ids.length} rows
     * @throws IllegalArgumentException if an id is not in the vocabulary, or the context would be
     *     exceeded
     */
    public void prefillAll(int[] ids, LogitsSink sink) {
        prefillAll(ids, List.of(), sink);
    }

    /**
     * Feeds a prompt with images and hands out the logits of every position.
     *
     * @param ids token ids, at least one; those of images are not looked at
     * @param images the images, counted from the first of these ids
     * @param sink receives {@code ids.length} rows
     * @throws IllegalArgumentException if an id is not in the vocabulary, the context would be
     *     exceeded, or an image does not fit
     */
    public void prefillAll(int[] ids, List<ImageSpan> images, LogitsSink sink) {
        PromptChunks prompt = check(ids, images);
        int from = 0;
        while (from < ids.length) {
            int end = prompt.endOf(from);
            forward(ids, from, end - from, prompt, null);
            for (int t = 0; t < end - from; t++) {
                readLogits(t);
                sink.accept(from + t, logits);
            }
            from = end;
        }
    }

    /**
     * Feeds a prompt and shows what every matrix multiplies, the head at all positions included. No
     * logits are computed.
     *
     * @param ids token ids, at least one
     * @param observer sees the activations of all tokens, chunk by chunk
     * @throws IllegalArgumentException if an id is not in the vocabulary, or the context would be
     *     exceeded
     */
    public void prefillObserved(int[] ids, ActivationObserver observer) {
        PromptChunks prompt = check(ids, List.of());
        ProjectionWeights[] heads = {model.head()};
        int width = config.hiddenSize();
        int from = 0;
        while (from < ids.length) {
            int end = prompt.endOf(from);
            forward(ids, from, end - from, prompt, observer);
            norm.run(buffers.residual, end - from, width, model.finalNorm(), buffers.normed);
            observer.observe(heads, buffers.normed, end - from);
            from = end;
        }
    }

    /**
     * Feeds one token that was generated. Sessions of a model that decode at the same time, on
     * threads of their own, are decoded together.
     *
     * @param id the token
     * @return its logits, {@code [vocab]}; the array is reused by the next call
     * @throws IllegalArgumentException if the id is not in the vocabulary, or the context would be
     *     exceeded
     */
    public float[] decode(int id) {
        check(id, 1);
        nextToken = id;
        model.decodeGate().decode(this);
        return logits;
    }

    void beginDecode() {
        embed(nextToken, 0);
        globalRope.prepare(position + rotationShift, 1);
        localRope.prepare(position + rotationShift, 1);
    }

    DecoderLayer layer(int index) {
        return layers.get(index);
    }

    FusedDqp prepareHead() {
        advance(1);
        norm.run(buffers.residual, 1, config.hiddenSize(), model.finalNorm(), buffers.normed);
        head.product().prepare(buffers.normed, 0);
        return head.product();
    }

    void endDecode() {
        copyLogits();
    }

    private PromptChunks check(int[] ids, List<ImageSpan> images) {
        if (ids.length == 0) {
            throw new IllegalArgumentException(
                    "an empty prompt; a prompt has one token at least, usually <bos>");
        }
        PromptChunks prompt =
                new PromptChunks(ids.length, images, chunk, capacity, config.hiddenSize());
        for (int i = 0; i < ids.length; i++) {
            check(prompt.at(i) == null ? ids[i] : 0, ids.length);
        }
        return prompt;
    }

    private void check(int id, int tokens) {
        if (closed) {
            throw new IllegalStateException("the session is closed");
        }
        if (id < 0 || id >= config.vocabSize()) {
            throw new IllegalArgumentException(
                    "token " + id + ", expected 0 to " + (config.vocabSize() - 1));
        }
        if (position + tokens > model.maxContext()) {
            throw new IllegalArgumentException(
                    "context of "
                            + (position + tokens)
                            + " tokens, the limit is "
                            + model.maxContext());
        }
    }

    private void forward(
            int[] ids, int from, int tokens, PromptChunks prompt, ActivationObserver observer) {
        begin(ids, from, tokens, prompt);
        for (DecoderLayer layer : layers) {
            layer.prefill(position, tokens, visible(layer), observer);
        }
        advance(tokens);
    }

    /** Of the last layer, nothing is computed that only logits nobody asked for would need. */
    private void forwardToLast(
            int[] ids, int from, int tokens, PromptChunks prompt, boolean lastWanted) {
        begin(ids, from, tokens, prompt);
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
        advance(tokens);
    }

    private ChunkVisibility visible(DecoderLayer layer) {
        return layer.isLocal() ? localKeys : globalKeys;
    }

    private void begin(int[] ids, int from, int tokens, PromptChunks prompt) {
        for (int t = 0; t < tokens; t++) {
            ImageSpan image = prompt.at(from + t);
            imageFirst[t] = image == null ? t : image.start() - from;
            imageEnd[t] = image == null ? t + 1 : image.end() - from;
            if (image == null) {
                embed(ids[from + t], t);
            } else {
                show(image, from + t - image.start(), t);
            }
        }
        globalRope.prepare(position + rotationShift, tokens);
        localRope.prepare(position + rotationShift, tokens);
        globalKeys.startAt(position);
        localKeys.startAt(position);
    }

    private void advance(int tokens) {
        position += tokens;
        longest = Math.max(longest, position);
    }

    private void embed(int id, int token) {
        int width = config.hiddenSize();
        MemorySegment table = model.embedding();
        long row = 2L * id * width;
        for (int i = 0; i < width; i++) {
            float value = Bfloat16.toFloat(table.get(Bfloat16.LAYOUT, row + 2L * i));
            buffers.residual.setAtIndex(JAVA_FLOAT, (long) token * width + i, value);
        }
    }

    /** An image's row takes the place of an embedding, unscaled. */
    private void show(ImageSpan image, int row, int token) {
        int width = config.hiddenSize();
        for (int i = 0; i < width; i++) {
            float value = image.features()[row * width + i];
            buffers.residual.setAtIndex(
                    JAVA_FLOAT,
                    (long) token * width + i,
                    context.narrow() ? Bfloat16.round(value) : value);
        }
    }

    private void readLogits(int token) {
        int width = config.hiddenSize();
        MemorySegment row = buffers.residual.asSlice(4L * token * width, 4L * width);
        norm.run(row, 1, width, model.finalNorm(), buffers.normed);
        head.product().prepare(buffers.normed, 0);
        headOnly[0] = head.product();
        FusedDqp.run(headOnly, 1);
        copyLogits();
    }

    private void copyLogits() {
        MemorySegment.copy(buffers.normed, JAVA_FLOAT, 0, hidden, 0, hidden.length);
        MemorySegment.copy(buffers.logits, JAVA_FLOAT, 0, logits, 0, logits.length);
    }

    /**
     * Returns the hidden state that the last logits were made from.
     *
     * @return {@code [hidden]} after the final norm; the array is reused by the next call
     */
    public float[] lastHidden() {
        return hidden;
    }

    /**
     * Forgets the end of the sequence.
     *
     * @param length tokens to keep; an image is kept whole or not at all
     * @return false if a local layer's ring no longer holds the keys that the shorter sequence
     *     needs; the session is then as it was
     */
    public boolean truncate(int length) {
        if (!canTruncate(length)) {
            return false;
        }
        position = length;
        return true;
    }

    /**
     * Tells whether {@link #truncate} would work.
     *
     * @param length tokens to keep
     * @return false if a local layer's ring no longer holds the keys that the shorter sequence
     *     needs
     */
    public boolean canTruncate(int length) {
        if (length < 0 || length > position) {
            throw new IllegalArgumentException(length + " tokens to keep of " + position);
        }
        int needed = Math.max(0, length + 1 - config.slidingWindow());
        return layers.stream()
                .allMatch(layer -> layer.cache().oldest(longest) <= (layer.isLocal() ? needed : 0));
    }

    /**
     * Returns the memory of cache and buffers.
     *
     * @return bytes
     */
    public long bytes() {
        return buffers.bytes() + layers.stream().mapToLong(layer -> layer.cache().bytes()).sum();
    }

    /**
     * Copies the sequence into a session of its own.
     *
     * @return a session at the same position, the caller's to close
     */
    public Gemma3Session fork() {
        Gemma3Session copy = model.newSession();
        for (int i = 0; i < layers.size(); i++) {
            copy.layers.get(i).cache().copyFrom(layers.get(i).cache());
        }
        copy.position = position;
        copy.longest = longest;
        copy.rotationShift = rotationShift;
        System.arraycopy(logits, 0, copy.logits, 0, logits.length);
        System.arraycopy(hidden, 0, copy.hidden, 0, hidden.length);
        return copy;
    }

    /** Forgets the whole sequence. */
    public void reset() {
        position = 0;
        longest = 0;
        rotationShift = 0;
    }

    /**
     * Lets the tokens to come be rotated for other positions than their places in the sequence, for
     * callers that leave gaps.
     *
     * @param shift what is added to the place; the sum must not be negative
     */
    public void rotateAhead(int shift) {
        if (position + shift < 0) {
            throw new IllegalArgumentException("position " + (position + shift));
        }
        rotationShift = shift;
    }

    /**
     * Returns the oldest token whose keys and values a layer still holds; a local layer forgets
     * those that left its window.
     *
     * @param layer the layer
     * @return its place in the sequence
     */
    public int oldestHeld(int layer) {
        return layers.get(layer).cache().oldest(longest);
    }

    /**
     * Copies keys and values out.
     *
     * @param layer the layer
     * @param place the token's place in the sequence, from {@link #oldestHeld} on
     * @param target receives them
     * @param slot where in the target
     */
    public void readKeyValues(int layer, int place, KeyValueBlock target, int slot) {
        if (place < oldestHeld(layer) || place >= position) {
            throw new IllegalArgumentException(
                    "token %d of layer %d, which holds %d to %d"
                            .formatted(place, layer, oldestHeld(layer), position - 1));
        }
        layers.get(layer).cache().read(place, target, slot);
    }

    /**
     * Replaces the sequence by keys and values from outside.
     *
     * @param blocks one block for each layer
     * @param slots which slots of the blocks make the sequence, in order
     */
    public void restore(List<KeyValueBlock> blocks, int[] slots) {
        if (blocks.size() != layers.size() || slots.length > model.maxContext()) {
            throw new IllegalArgumentException(
                    "%d layers of %d tokens, expected %d of at most %d"
                            .formatted(
                                    blocks.size(),
                                    slots.length,
                                    layers.size(),
                                    model.maxContext()));
        }
        reset();
        for (int i = 0; i < blocks.size(); i++) {
            KeyValueBlock block = blocks.get(i);
            LayerCache cache = layers.get(i).cache();
            MemorySegment keys = MemorySegment.ofArray(block.keys());
            MemorySegment values = MemorySegment.ofArray(block.values());
            cache.reserve(slots.length);
            for (int place = cache.oldest(slots.length); place < slots.length; place++) {
                cache.put(place, keys, values, block, slots[place]);
            }
        }
        position = slots.length;
        longest = position;
    }

    /**
     * Returns what has to be kept to continue the sequence elsewhere.
     *
     * @return its keys and values, valid until the session is used again
     */
    public SessionState state() {
        return new SessionState(
                layers.stream().map(DecoderLayer::cache).toList(), position, longest);
    }

    /**
     * Replaces the sequence by a kept one of the same model and numerics.
     *
     * @param saved what {@link SessionState#writeTo} wrote
     * @param length {@link SessionState#length} of it
     * @param longestEver {@link SessionState#longest} of it
     * @throws IllegalArgumentException if the numbers contradict each other or the model
     */
    public void restore(MemorySegment saved, int length, int longestEver) {
        if (length < 0 || length > longestEver || longestEver > model.maxContext()) {
            throw new IllegalArgumentException(
                    "%d tokens, %d at the most, context %d"
                            .formatted(length, longestEver, model.maxContext()));
        }
        reset();
        for (DecoderLayer layer : layers) {
            layer.cache().reserve(length);
        }
        new SessionState(layers.stream().map(DecoderLayer::cache).toList(), length, longestEver)
                .readFrom(saved);
        position = length;
        longest = longestEver;
    }

    /** Frees cache and buffers. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            layers.forEach(layer -> layer.cache().close());
            arena.close();
        }
    }
}
