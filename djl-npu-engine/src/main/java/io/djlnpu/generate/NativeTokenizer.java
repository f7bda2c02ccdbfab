package io.djlnpu.generate;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The native library's tokenizer, which hears neither interrupts nor limits: long texts are encoded
 * on a thread of their own, so that whoever waits can stop waiting.
 */
final class NativeTokenizer implements AutoCloseable {

    /** Characters; shorter ones take a few milliseconds at most. */
    private static final int LONG = 1 << 14;

    /** A prompt of a million characters takes a few seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HuggingFaceTokenizer tokenizer;

    /** Held for reading while the library works; what it works on is not freed meanwhile. */
    private final ReadWriteLock use = new ReentrantReadWriteLock();

    private boolean closed;

    NativeTokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Encodes a text, with or without what the file's template puts around it. */
    long[] encode(String text, boolean whole) {
        String sound = sound(text);
        if (sound.length() < LONG) {
            return encodeHere(sound, whole);
        }
        FutureTask<long[]> ids = new FutureTask<>(() -> encodeHere(sound, whole));
        Thread.ofPlatform().daemon().name("npu-tokenizer").start(ids);
        try {
            return ids.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while the prompt was tokenized");
        } catch (TimeoutException e) {
            throw new IllegalArgumentException(
                    "a prompt of %d characters is not tokenized after %d s; shorten it"
                            .formatted(text.length(), PATIENCE.toSeconds()),
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private long[] encodeHere(String text, boolean whole) {
        use.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the tokenizer is closed");
            }
            return tokenizer.encode(text, whole, false).getIds();
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "the model's tokenizer fails at the prompt: " + e.getMessage(), e);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Half a surrogate pair is no character, and not to be passed to native code. */
    private static String sound(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return text.codePoints()
                        .map(
                                c ->
                                        c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE
                                                ? 0xFFFD
                                                : c)
                        .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append)
                        .toString();
            }
        }
        return text;
    }

    String decode(long[] ids, boolean skipSpecial) {
        use.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the tokenizer is closed");
            }
            return tokenizer.decode(ids, skipSpecial);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Frees it; a text that the library is stuck at keeps it. */
    @Override
    public void close() {
        boolean free = use.writeLock().tryLock();
        if (!free) {
            try {
                free = use.writeLock().tryLock(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (free) {
            try {
                closed = true;
                tokenizer.close();
            } finally {
                use.writeLock().unlock();
            }
        }
    }
}
