package io.djlnpu.decoder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.LmHead;
import io.djlnpu.kernel.ProjectionWeights;
import io.djlnpu.kernel.RmsNorm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * One sequence: its key/value cache, position and buffers. Not thread-safe; several sessions of a
 * model may run at the same time.
 *
 * <p><b>Numerics</b>: the same bits whatever the number of threads and however a prompt is cut into
 * chunks.
 */
public final class DecoderSession implements AutoCloseable {

    private final DecoderModel model;
    private final DecoderSpec config;
    private final int chunk;

    /** The most tokens that go through the layers together: a chunk, or an image. */
    private final int capacity;

    private final Arena arena = Arena.ofShared();
    private final Buffers buffers;
    private final SequenceCache sequence;
    private final InputRows input;
    private final LayerStack layers;
    private final RmsNorm norm;
    private final LmHead head;
    private final float[] logits;
    private boolean logitsWanted = true;
    private final float[] hidden;
    private int rotationShift;
    private boolean closed;

    private final FusedDqp[] headOnly = new FusedDqp[1];
    private int nextToken;

    /** Guarded by the {@link DecodeGate}: whether the next token is yet to be decoded. */
    boolean pending;

    /** Guarded by the {@link DecodeGate}: why the last step failed, or null. */
    RuntimeException failure;

    DecoderSession(DecoderModel model) {
        this.model = model;
        config = model.config();
        DecoderOptions options = model.options();
        chunk = Math.min(options.prefillChunk(), model.maxContext());
        capacity =
                Math.max(
                        chunk,
                        Math.min(
                                config.vision().map(VisionSpec::tokensPerImage).orElse(0),
                                model.maxContext()));
        boolean narrow = options.numerics() == Numerics.BF16;
        KernelContext context =
                new KernelContext(options.device(), model.executor(), model.simd(), narrow, arena);
        buffers = new Buffers(context, config, capacity, options.threads(), model.head().rows());
        sequence =
                new SequenceCache(model.executor(), config, narrow, capacity, model.maxContext());
        input = new InputRows(model.table(), config.hiddenSize(), narrow, buffers.residual);
        norm = new RmsNorm(context, config.rmsNormEpsilon());
        layers =
                new LayerStack(
                        config, model.layers(), context, buffers, norm, sequence::layer, capacity);
        head =
                new LmHead(
                        context,
                        buffers.prepared,
                        model.head(),
                        buffers.logits,
                        config.vocabSize());
        logits = new float[config.vocabSize()];
        hidden = new float[config.hiddenSize()];
    }

    /**
     * Returns the length of the sequence so far.
     *
     * @return tokens in the cache
     */
    public int position() {
        return sequence.position();
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
        int from = 0;
        while (from < ids.length) {
            int end = prompt.endOf(from);
            forward(ids, from, end - from, prompt, observer);
            observeHead(end - from, observer);
            from = end;
        }
    }

    /**
     * Feeds several texts side by side, none of which sees another, into an empty session and shows
     * what every matrix multiplies, all tokens of all texts in one call. A matrix may be written
     * while it is shown: it is multiplied with after that.
     *
     * @param texts token ids, at least one text of at least one token; together no more than a
     *     chunk of the session
     * @param observer sees the activations of all tokens
     * @throws IllegalArgumentException if an id is not in the vocabulary, or the texts are too long
     * @throws IllegalStateException if the session is not empty
     */
    public void prefillObserved(List<int[]> texts, ActivationObserver observer) {
        int[] ids = texts.stream().flatMapToInt(Arrays::stream).toArray();
        if (ids.length > chunk) {
            throw new IllegalArgumentException(
                    "texts of %d tokens side by side, expected %d at most, the session's chunk"
                            .formatted(ids.length, chunk));
        }
        if (position() != 0) {
            throw new IllegalStateException("the session holds " + position() + " tokens");
        }
        begin(ids, 0, ids.length, check(ids, List.of()), observer);
        int first = 0;
        for (int[] text : texts) {
            layers.texts().showText(first, first + text.length);
            first += text.length;
        }
        layers.prefill();
        sequence.advance(ids.length);
        observeHead(ids.length, observer);
    }

    private void observeHead(int tokens, ActivationObserver observer) {
        norm.run(buffers.residual, tokens, config.hiddenSize(), model.finalNorm(), buffers.normed);
        observer.observe(new ProjectionWeights[] {model.head()}, buffers.normed, tokens);
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
        sequence.reserve(position() + 1); // memory that is missing fails this sequence alone
        nextToken = id;
        model.decodeGate().decode(this);
        return logits;
    }

    /**
     * Feeds one token that was generated and returns the likeliest next one, without handing out
     * logits: the head finds it while it multiplies.
     *
     * @param id the token
     * @return the token of the greatest logit; the lowest id among equals
     * @throws IllegalArgumentException if the id is not in the vocabulary, or the context would be
     *     exceeded
     */
    public int decodeGreedy(int id) {
        logitsWanted = false;
        try {
            decode(id);
        } finally {
            logitsWanted = true;
        }
        return head.greatest();
    }

    /**
     * Returns one of the logits that were computed last, without copying the others.
     *
     * @param token the token
     * @return its logit
     */
    public float lastLogit(int token) {
        return buffers.logits.getAtIndex(JAVA_FLOAT, token);
    }

    void beginDecode() {
        input.embed(nextToken, 0);
        layers.begin(position(), position() + rotationShift, 1, null);
    }

    /** The token on its way through the layers. */
    Chunk token() {
        return layers.chunk();
    }

    DecoderLayer layer(int index) {
        return layers.layer(index);
    }

    void prepareHead() {
        sequence.advance(1);
        norm.run(buffers.residual, 1, config.hiddenSize(), model.finalNorm(), buffers.normed);
        head.product().prepare(buffers.normed, 0);
    }

    FusedDqp head() {
        return head.product();
    }

    void endDecode() {
        copyHidden();
        if (logitsWanted) {
            copyLogits();
        }
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
        if (position() + tokens > model.maxContext()) {
            throw new IllegalArgumentException(
                    "context of "
                            + (position() + tokens)
                            + " tokens, the limit is "
                            + model.maxContext());
        }
    }

    private void forward(
            int[] ids, int from, int tokens, PromptChunks prompt, ActivationObserver observer) {
        begin(ids, from, tokens, prompt, observer);
        layers.prefill();
        sequence.advance(tokens);
    }

    private void forwardToLast(
            int[] ids, int from, int tokens, PromptChunks prompt, boolean lastWanted) {
        begin(ids, from, tokens, prompt, null);
        layers.prefillToLast(lastWanted);
        sequence.advance(tokens);
    }

    private void begin(
            int[] ids, int from, int tokens, PromptChunks prompt, ActivationObserver observer) {
        for (int t = 0; t < tokens; t++) {
            ImageSpan image = prompt.at(from + t);
            if (image == null) {
                input.embed(ids[from + t], t);
            } else {
                input.show(image, from + t - image.start(), t);
            }
        }
        layers.begin(position(), position() + rotationShift, tokens, observer);
        layers.show(position(), prompt, from);
    }

    private void readLogits(int token) {
        int width = config.hiddenSize();
        MemorySegment row = buffers.residual.asSlice(4L * token * width, 4L * width);
        norm.run(row, 1, width, model.finalNorm(), buffers.normed);
        head.product().prepare(buffers.normed, 0);
        headOnly[0] = head.product();
        FusedDqp.run(headOnly, 1);
        copyHidden();
        copyLogits();
    }

    private void copyHidden() {
        MemorySegment.copy(buffers.normed, JAVA_FLOAT, 0, hidden, 0, hidden.length);
    }

    private void copyLogits() {
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
        return sequence.truncate(length);
    }

    /**
     * Tells whether {@link #truncate} would work.
     *
     * @param length tokens to keep
     * @return false if a local layer's ring no longer holds the keys that the shorter sequence
     *     needs
     */
    public boolean canTruncate(int length) {
        return sequence.canTruncate(length);
    }

    /**
     * Returns the memory of cache and buffers.
     *
     * @return bytes
     */
    public long bytes() {
        return buffers.bytes() + sequence.bytes();
    }

    /**
     * Copies the sequence into a session of its own.
     *
     * @return a session at the same position, the caller's to close
     */
    public DecoderSession fork() {
        DecoderSession copy = model.newSession();
        copy.sequence.copyFrom(sequence);
        copy.rotationShift = rotationShift;
        System.arraycopy(logits, 0, copy.logits, 0, logits.length);
        System.arraycopy(hidden, 0, copy.hidden, 0, hidden.length);
        return copy;
    }

    /** Forgets the whole sequence. */
    public void reset() {
        sequence.reset();
        rotationShift = 0;
    }

    /**
     * Lets the tokens to come be rotated for other positions than their places in the sequence, for
     * callers that leave gaps.
     *
     * @param shift what is added to the place; the sum must not be negative
     */
    public void rotateAhead(int shift) {
        if (position() + shift < 0) {
            throw new IllegalArgumentException("position " + (position() + shift));
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
        return sequence.oldestHeld(layer);
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
        sequence.read(layer, place, target, slot);
    }

    /**
     * Replaces the sequence by keys and values from outside.
     *
     * @param blocks one block for each layer
     * @param slots which slots of the blocks make the sequence, in order
     */
    public void restore(List<KeyValueBlock> blocks, int[] slots) {
        sequence.restore(blocks, slots);
        rotationShift = 0;
    }

    /**
     * Returns what has to be kept to continue the sequence elsewhere.
     *
     * @return its keys and values, valid until the session is used again
     */
    public SessionState state() {
        return sequence.state();
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
        sequence.restore(saved, length, longestEver);
        rotationShift = 0;
    }

    /** Frees cache and buffers. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            sequence.close();
            model.executor().free(arena);
        }
    }
}
