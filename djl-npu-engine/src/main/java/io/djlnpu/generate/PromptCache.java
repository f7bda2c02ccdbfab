package io.djlnpu.generate;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the sessions of prompts, so that a prompt that begins like an earlier one pays only for
 * what is new. Bounded; the least recently used goes first. Safe for many threads.
 *
 * <p>A session whose tokens all begin the new prompt is continued (the next turn of a
 * conversation); one that shares only its beginning (a system message) is copied and cut there, and
 * stays. Cutting is possible as long as the rings of the local layers still hold the window before
 * the cut.
 *
 * <p><b>Numerics</b>: answers are the same with and without, bit for bit. For that, an answer's own
 * tokens are cut off before a session is kept, and fed again as part of the next turn: the kernels
 * of decoding add up in another order than those of a prompt.
 */
public final class PromptCache implements AutoCloseable {

    /** A kept session and its tokens' keys. */
    private record Entry(DecoderSession session, int[] keys, long bytes) {}

    private static final Logger LOGGER = LoggerFactory.getLogger(PromptCache.class);

    private final DecoderModel model;
    private final long maxBytes;

    /** The least recently used first. */
    private final List<Entry> entries = new ArrayList<>();

    private long bytes;
    private boolean closed;
    private boolean warned;

    /**
     * Makes an empty cache.
     *
     * @param model the model whose sessions are kept
     * @param maxBytes memory of kept sessions at most; 0 keeps none
     * @throws IllegalArgumentException if the bound is negative
     */
    public PromptCache(DecoderModel model, long maxBytes) {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes " + maxBytes + ", expected 0 or more");
        }
        this.model = model;
        this.maxBytes = maxBytes;
    }

    boolean enabled() {
        return maxBytes > 0;
    }

    /**
     * Returns a session that holds a beginning of the prompt, shorter than the prompt.
     *
     * @param prompt {@link PromptTokens#keys}: negative ones are tokens of images
     */
    DecoderSession acquire(int[] prompt) {
        DecoderSession found = find(prompt);
        return found == null ? model.newSession() : found;
    }

    private synchronized DecoderSession find(int[] prompt) {
        Entry best = null;
        int bestLength = 0;
        for (Entry entry : entries) {
            int length = commonPrefix(entry.keys, prompt);
            if (length > bestLength && entry.session.canTruncate(length)) {
                best = entry;
                bestLength = length;
            }
        }
        if (best == null) {
            return null;
        }
        entries.remove(best);
        if (bestLength == best.keys.length) {
            bytes -= best.bytes;
            return best.session;
        }
        entries.add(best);
        DecoderSession copy = best.session.fork();
        copy.truncate(bestLength);
        return copy;
    }

    /**
     * The last token is always fed anew, for its logits; and an image, whose tokens see each other,
     * is held as a whole or not at all.
     */
    private static int commonPrefix(int[] held, int[] prompt) {
        int end = Math.min(held.length, prompt.length - 1);
        int mismatch = Arrays.mismatch(held, 0, end, prompt, 0, end);
        int common = mismatch < 0 ? end : mismatch;
        while (common > 0 && prompt[common - 1] < 0 && prompt[common] < 0) {
            common--;
        }
        return common;
    }

    /** Takes a session over; {@code keys} are those of the tokens that it holds. */
    void release(DecoderSession session, int[] keys) {
        if (!keep(new Entry(session, keys, session.bytes()))) {
            session.close();
        }
    }

    private synchronized boolean keep(Entry entry) {
        if (closed || entry.keys.length == 0 || entry.bytes > maxBytes) {
            warnOfTooLarge(entry);
            return false;
        }
        dropCoveredBy(entry);
        entries.add(entry);
        bytes += entry.bytes;
        while (bytes > maxBytes) {
            drop(entries.getFirst());
        }
        return true;
    }

    private void warnOfTooLarge(Entry entry) {
        if (enabled() && entry.bytes > maxBytes && !warned) {
            warned = true;
            LOGGER.warn(
                    "A prompt of {} tokens takes {} bytes, more than all kept prompts may ({}): it is computed anew when it comes again",
                    entry.keys.length,
                    entry.bytes,
                    maxBytes);
        }
    }

    /** An entry whose tokens all begin a longer one's is of little use beside it. */
    private void dropCoveredBy(Entry entry) {
        for (Entry old : List.copyOf(entries)) {
            int length = old.keys.length;
            if (length <= entry.keys.length
                    && Arrays.mismatch(old.keys, 0, length, entry.keys, 0, length) < 0
                    && entry.session.canTruncate(length)) {
                drop(old);
            }
        }
    }

    private void drop(Entry entry) {
        entries.remove(entry);
        bytes -= entry.bytes;
        entry.session.close();
    }

    /**
     * Writes the kept sessions to disk. The file is either the old or the whole new one.
     *
     * @param target the file
     * @param modelKey what keys and values depend on: weights, numerics, order of sums
     * @throws IOException if it cannot be written
     */
    public synchronized void save(Path target, String modelKey) throws IOException {
        PromptCacheFile.write(
                target,
                modelKey,
                entries.stream().map(e -> new PromptCacheFile.Saved(e.session, e.keys)).toList());
    }

    /**
     * Adds the sessions of a file, as far as the bound allows; the most recently used stay. Nothing
     * is added if the file is faulty.
     *
     * @param source the file
     * @param modelKey as it was saved with
     * @throws IOException if it cannot be read; {@link io.djlnpu.format.ModelFormatException} if it
     *     is damaged or another model's
     */
    public void load(Path source, String modelKey) throws IOException {
        PromptCacheFile.read(source, modelKey, model)
                .forEach(saved -> release(saved.session(), saved.keys()));
    }

    /**
     * Returns the memory of the kept sessions.
     *
     * @return bytes
     */
    public synchronized long bytes() {
        return bytes;
    }

    /**
     * Returns the number of kept sessions.
     *
     * @return sessions
     */
    public synchronized int sessions() {
        return entries.size();
    }

    /** Closes the kept sessions; sessions that are out are closed when they come back. */
    @Override
    public synchronized void close() {
        closed = true;
        List.copyOf(entries).forEach(this::drop);
    }
}
