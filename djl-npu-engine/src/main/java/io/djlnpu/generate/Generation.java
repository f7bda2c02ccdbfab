package io.djlnpu.generate;

import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.generate.grammar.GrammarConstraint;
import io.djlnpu.kernel.Interruption;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * One answer, token by token. One thread iterates; {@link #cancel} and {@link #close} may come from
 * any thread at any moment.
 */
public final class Generation implements Iterator<Token>, AutoCloseable {

    private final TextGenerator generator;
    private final CachedPrompt prompt;
    private final GenerationConfig config;
    private final Optional<GrammarConstraint> constraint;
    private final BooleanSupplier noLongerWanted;
    private final Sampler sampler;
    private final boolean onlyLikeliest;
    private final AnswerText text;
    private final int limit;
    private final long startNanos = System.nanoTime();
    private final ReentrantLock lock = new ReentrantLock();

    private DecoderSession session;
    private float[] logits;
    private int[] ids = new int[16];
    private int count;
    private Token ready;
    private boolean closed;
    private int cachedTokens;
    private long prefillNanos;
    private long decodeNanos;
    private long firstTokenNanos;
    private volatile boolean cancelled;
    private volatile FinishReason finishReason = FinishReason.RUNNING;

    Generation(
            TextGenerator generator,
            CachedPrompt prompt,
            GenerationConfig config,
            BooleanSupplier noLongerWanted) {
        this(generator, prompt, config, noLongerWanted, 0);
    }

    private Generation(
            TextGenerator generator,
            CachedPrompt prompt,
            GenerationConfig config,
            BooleanSupplier noLongerWanted,
            int answer) {
        this.noLongerWanted = noLongerWanted;
        this.generator = generator;
        this.prompt = prompt;
        this.config = config;
        int[] promptIds = prompt.tokens().ids();
        text = new AnswerText(generator.tokenizer(), config);
        // The last token is chosen but not fed, hence the one more.
        limit =
                Math.min(
                        config.maxNewTokens(),
                        generator.model().maxContext() - promptIds.length + 1);
        constraint =
                config.grammar()
                        .map(
                                grammar ->
                                        GrammarConstraint.start(
                                                grammar,
                                                generator.tokenizer().tree(),
                                                generator.tokenizer().eos(),
                                                limit));
        int vocab = generator.model().config().vocabSize();
        sampler = Sampler.of(config, promptIds, vocab, answer, constraint);
        onlyLikeliest =
                Sampler.isGreedy(config)
                        && constraint.isEmpty()
                        && !LogProbabilities.isAsked(config);
    }

    /** Starts another answer to the same prompt, which is fed once. */
    Generation fork(int answer) {
        lock.lock();
        try {
            Generation other = new Generation(generator, prompt, config, noLongerWanted, answer);
            if (session == null && !feedPrompt()) {
                cancel();
                other.cancel();
                return other;
            }
            other.session = session.fork();
            other.logits = logits.clone();
            other.prefillNanos = prefillNanos;
            other.cachedTokens = prompt.tokens().length() - 1; // it gets all but the last logits
            return other;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Computes the next token, unless the answer has ended.
     *
     * @return false at the end; {@link #finishReason} then says why
     * @throws java.io.UncheckedIOException around a {@link io.djlnpu.format.ModelFormatException},
     *     {@code NOT_FINITE}, if the model's logits are no numbers
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    @Override
    public boolean hasNext() {
        lock.lock();
        try {
            if (ready == null && finishReason == FinishReason.RUNNING) {
                ready = advance();
            }
            return ready != null;
        } catch (RuntimeException | Error e) {
            finishReason = FinishReason.CANCELLED;
            discard();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Token next() {
        lock.lock();
        try {
            if (!hasNext()) {
                throw new NoSuchElementException("the answer ended: " + finishReason);
            }
            Token token = ready;
            ready = null;
            return token;
        } finally {
            lock.unlock();
        }
    }

    private Token advance() {
        if (isCancelled() || (session == null && !feedPrompt())) {
            finishReason = FinishReason.CANCELLED;
            return null;
        }
        if (limit == 0) {
            finishReason = FinishReason.LENGTH;
            return null;
        }
        long start = System.nanoTime();
        int id;
        if (count > 0) {
            prompt.beforeAnswerToken(session);
        }
        if (count > 0 && onlyLikeliest) {
            id = session.decodeGreedy(ids[count - 1]);
            requireFinite(Float.isFinite(session.lastLogit(id)));
        } else {
            logits = count > 0 ? session.decode(ids[count - 1]) : logits;
            // All are looked at once; later on, what makes one of them no number makes all so.
            requireFinite(count > 0 ? Float.isFinite(logits[0]) : NotFinite.allFinite(logits));
            id = sampler.next(logits);
            requireFinite(Float.isFinite(logits[id]));
        }
        Token token = append(id);
        long end = System.nanoTime();
        decodeNanos += end - start;
        if (count == 1) {
            firstTokenNanos = end - startNanos;
        }
        return token;
    }

    private void requireFinite(boolean finite) {
        if (!finite) {
            int[] prompted = prompt.tokens().ids();
            int[] all = Arrays.copyOf(prompted, prompted.length + count);
            System.arraycopy(ids, 0, all, prompted.length, count);
            throw NotFinite.report(generator.model(), all);
        }
    }

    private boolean isCancelled() {
        Interruption.check();
        return cancelled || noLongerWanted.getAsBoolean();
    }

    private boolean feedPrompt() {
        long start = System.nanoTime();
        CachedPrompt.Fed fed = prompt.feed(this::isCancelled);
        prefillNanos = System.nanoTime() - start;
        if (fed == null) {
            return false;
        }
        session = fed.session();
        logits = fed.logits();
        cachedTokens = fed.cached();
        return true;
    }

    private Token append(int id) {
        LogProbabilities probabilities = LogProbabilities.of(config, generator, logits);
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, 2 * count);
        }
        ids[count++] = id;
        boolean ended = !config.ignoreEos() && generator.tokenizer().eos().contains(id);
        // The token that ends an answer is no part of its text, even where others are shown.
        String piece = ended && !config.skipSpecialTokens() ? "" : text.append(id);
        if (ended
                || text.stopped()
                || constraint.map(GrammarConstraint::isComplete).orElse(false)) {
            finishReason = FinishReason.STOP;
        } else if (count == limit) {
            finishReason = FinishReason.LENGTH;
        }
        if (finishReason != FinishReason.RUNNING) {
            piece += text.finish();
        }
        return new Token(
                id, piece, probabilities.of(id), probabilities.own(id), probabilities.likeliest());
    }

    /** Asks the answer to end; it does so before its next token. */
    public void cancel() {
        cancelled = true;
    }

    /**
     * Returns why the answer ended.
     *
     * @return the reason, {@link FinishReason#RUNNING} before the end
     */
    public FinishReason finishReason() {
        return finishReason;
    }

    /**
     * Tells whether a stop sequence ended the answer.
     *
     * @return true if it did, and not a token of the model's
     */
    public boolean atStopSequence() {
        lock.lock();
        try {
            return text.stopped();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the tokens so far, the one that ended the answer included.
     *
     * @return ids
     */
    public int[] ids() {
        lock.lock();
        try {
            return Arrays.copyOf(ids, count);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the text so far, without special tokens and stop sequences.
     *
     * @return the texts of all tokens together
     */
    public String text() {
        lock.lock();
        try {
            return text.toString();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns what the prompt cache held of the prompt already.
     *
     * @return tokens, 0 before the first token
     */
    public int cachedTokens() {
        lock.lock();
        try {
            return cachedTokens;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the prompt.
     *
     * @return its tokens and images
     */
    public PromptTokens prompt() {
        return prompt.tokens();
    }

    /**
     * Returns the time that the prompt took.
     *
     * @return seconds
     */
    public double prefillSeconds() {
        return prefillNanos / 1e9;
    }

    /**
     * Returns the time that the tokens took, without what the caller did between them.
     *
     * @return seconds
     */
    public double decodeSeconds() {
        return decodeNanos / 1e9;
    }

    /**
     * Returns the time from the start to the first token.
     *
     * @return seconds, 0 before it
     */
    public double timeToFirstTokenSeconds() {
        return firstTokenNanos / 1e9;
    }

    /** Ends the answer, if it has not ended, and gives its memory back. */
    @Override
    public void close() {
        cancelled = true;
        lock.lock();
        try {
            if (finishReason == FinishReason.RUNNING) {
                finishReason = FinishReason.CANCELLED;
            }
            if (!closed && session != null) {
                DecoderSession returned = session;
                session = null;
                prompt.release(returned);
            }
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private void discard() {
        if (session != null) {
            session.close();
            session = null;
        }
        closed = true;
    }
}
