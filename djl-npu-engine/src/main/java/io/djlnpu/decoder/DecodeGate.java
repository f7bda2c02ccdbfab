package io.djlnpu.decoder;

import io.djlnpu.kernel.TileExecutor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

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
    private final Deque<DecoderSession> waiting = new ArrayDeque<>();
    private final DecodeBatch batch;
    private final ReentrantLock lock = new ReentrantLock();

    /**
     * A session came, or a step ended. Waits by the nanosecond: a monitor's end at milliseconds.
     */
    private final Condition changed = lock.newCondition();

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
    void decode(DecoderSession session) {
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
    private boolean lead(DecoderSession session) {
        lock.lock();
        try {
            session.pending = true;
            session.failure = null;
            waiting.addLast(session);
            changed.signalAll();
            while (running && session.pending) {
                changed.awaitUninterruptibly();
            }
            if (session.pending) {
                running = true;
                if (awaitOthers()) {
                    Thread.currentThread().interrupt();
                }
                waiting.remove(session);
                batch.add(session);
                while (batch.size() < DecodeBatch.CAPACITY && !waiting.isEmpty()) {
                    batch.add(waiting.removeFirst());
                }
            }
            if (session.failure != null) {
                throw new IllegalStateException("a step of decoding failed", session.failure);
            }
            return session.pending;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether it was interrupted; a step is short, and its caller sees that after it. */
    private boolean awaitOthers() {
        long left = Math.min(LONGEST_WAIT_NANOS, stepNanos / PATIENCE);
        int wanted = Math.min(expected, DecodeBatch.CAPACITY);
        try {
            while (waiting.size() < wanted && left > 0) {
                left = changed.awaitNanos(left);
            }
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private void finish(long nanos, RuntimeException failure) {
        lock.lock();
        try {
            for (int i = 0; i < batch.size(); i++) {
                batch.session(i).failure = failure;
                batch.session(i).pending = false;
            }
            expected = batch.size() + waiting.size();
            stepNanos = nanos;
            batch.clear();
            running = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
