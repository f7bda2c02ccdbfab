package io.djlnpu.gemma3;

import io.djlnpu.kernel.TileExecutor;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Where the threads of a model's sessions meet to decode: whoever comes first takes along all that
 * wait, up to a batch. A step waits a little for those that were in the step before, because they
 * are about to come back; a session that is alone never waits.
 */
final class DecodeGate {

    /** The part of a step's time that a step may wait for others. */
    private static final int PATIENCE = 8;

    private static final long LONGEST_WAIT_NANOS = 20_000_000;

    private final int layerCount;
    private final Deque<Gemma3Session> waiting = new ArrayDeque<>();
    private final DecodeBatch batch;
    private boolean running;
    private int expected;
    private long stepNanos;

    DecodeGate(TileExecutor executor, int layerCount) {
        this.layerCount = layerCount;
        batch = new DecodeBatch(executor);
    }

    /**
     * Decodes a session's pending token, perhaps together with others'.
     *
     * @throws IllegalStateException if the step failed, for whatever session
     */
    void decode(Gemma3Session session) {
        if (!lead(session)) {
            return;
        }
        long start = System.nanoTime();
        RuntimeException failure = null;
        try {
            batch.run(layerCount);
        } catch (RuntimeException | Error e) {
            failure = new IllegalStateException("a step of decoding failed", e);
        }
        finish(System.nanoTime() - start, failure);
        if (failure != null) {
            throw failure;
        }
    }

    /** Waits until the session's token was decoded by another thread, or is for this one to do. */
    private synchronized boolean lead(Gemma3Session session) {
        session.pending = true;
        session.failure = null;
        waiting.addLast(session);
        notifyAll();
        boolean interrupted = false;
        while (running && session.pending) {
            interrupted |= waitFor(0);
        }
        if (session.pending) {
            running = true;
            interrupted |= awaitOthers();
            waiting.remove(session);
            batch.add(session);
            while (batch.size() < DecodeBatch.CAPACITY && !waiting.isEmpty()) {
                batch.add(waiting.removeFirst());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (session.failure != null) {
            throw new IllegalStateException("a step of decoding failed", session.failure);
        }
        return session.pending;
    }

    private boolean awaitOthers() {
        boolean interrupted = false;
        long now = System.nanoTime();
        long end = now + Math.min(LONGEST_WAIT_NANOS, stepNanos / PATIENCE);
        int wanted = Math.min(expected, DecodeBatch.CAPACITY);
        while (waiting.size() < wanted && now < end) {
            interrupted |= waitFor(end - now);
            now = System.nanoTime();
        }
        return interrupted;
    }

    /** Waits to be notified; no longer than some nanoseconds if that is not 0. */
    private boolean waitFor(long nanos) {
        try {
            wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
            return false;
        } catch (InterruptedException e) {
            return true; // a step is short: the caller sees the interruption after it
        }
    }

    private synchronized void finish(long nanos, RuntimeException failure) {
        for (int i = 0; i < batch.size(); i++) {
            batch.session(i).failure = failure;
            batch.session(i).pending = false;
        }
        expected = batch.size() + waiting.size();
        stepNanos = nanos;
        batch.clear();
        running = false;
        notifyAll();
    }
}
