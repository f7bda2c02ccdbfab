package io.djlnpu.engine;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.KeyValueBlock;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;

/**
 * The session behind the states of one row, shared by all of them as long as the row is continued
 * from its newest state. A state that is continued a second time gets a session of its own.
 *
 * <p>The session goes back to the model when the last array that stands for one of the states is
 * closed, or when all of them have been forgotten.
 */
final class RowSession {

    private static final Cleaner CLEANER = Cleaner.create();

    /** What outlives a forgotten row. */
    private static final class Lease implements Runnable {

        private final NpuRuntime runtime;
        private DecoderSession session;

        Lease(NpuRuntime runtime) {
            this.runtime = runtime;
        }

        @Override
        public synchronized void run() {
            if (session != null) {
                runtime.giveBack(session);
                session = null;
            }
        }
    }

    private final NpuRuntime runtime;
    private final Lease lease;
    private RowState tip;
    private int users;

    @SuppressWarnings("this-escape")
    RowSession(NpuRuntime runtime) {
        this.runtime = runtime;
        lease = new Lease(runtime);
        CLEANER.register(this, lease);
    }

    int chunk() {
        return runtime.model().options().prefillChunk();
    }

    /** The row to go on in from a state of this row. */
    synchronized RowSession continuing(RowState state) {
        return tip == state ? this : new RowSession(runtime);
    }

    synchronized void advance(RowState from, RowState to, RowState.Sink sink) {
        try {
            if (lease.session == null) {
                lease.session = from.row().copyAt(from);
            }
            to.feed(lease.session, sink);
            tip = to;
        } catch (RuntimeException | Error e) {
            free(); // the session may have stopped anywhere
            throw e;
        }
    }

    private synchronized DecoderSession copyAt(RowState state) {
        if (lease.session != null && lease.session.canTruncate(state.tokens())) {
            DecoderSession copy = runtime.adopt(lease.session.fork());
            copy.truncate(state.tokens());
            return copy;
        }
        return replayed(state, () -> {});
    }

    private DecoderSession replayed(RowState state, Runnable afterPart) {
        DecoderSession session = runtime.lease();
        try {
            state.replay(session, afterPart);
            return session;
        } catch (RuntimeException | Error e) {
            runtime.giveBack(session);
            throw e;
        }
    }

    synchronized void read(RowState state, int layer, KeyValueBlock target) {
        ImportedRow root = state.root();
        if (!root.blocks().isEmpty()) {
            copy(root.blocks().get(layer), target);
        }
        int first = root.tokens();
        int[] slots = state.tokenSlots();
        if (lease.session != null && lease.session.oldestHeld(layer) <= first) {
            for (int place = first; place < slots.length; place++) {
                lease.session.readKeyValues(layer, place, target, slots[place]);
            }
            return;
        }
        // A local layer has dropped keys that left its window, or the session is gone.
        List<KeyValueBlock> all = state.recomputed(() -> recompute(state, first, slots));
        copy(all.get(layer), target);
    }

    private List<KeyValueBlock> recompute(RowState state, int first, int[] slots) {
        List<KeyValueBlock> blocks = new ArrayList<>();
        int size = slots.length == 0 ? 0 : slots[slots.length - 1] + 1;
        int floats = runtime.model().config().keyValueWidth() * size;
        for (int i = 0; i < runtime.model().config().layers(); i++) {
            blocks.add(new KeyValueBlock(new float[floats], new float[floats], 0, size));
        }
        DecoderSession session = runtime.lease();
        int[] done = {first};
        try {
            state.replay(
                    session,
                    () -> {
                        for (; done[0] < session.position(); done[0]++) {
                            for (int i = 0; i < blocks.size(); i++) {
                                session.readKeyValues(i, done[0], blocks.get(i), slots[done[0]]);
                            }
                        }
                    });
        } finally {
            runtime.giveBack(session);
        }
        if (!state.root().blocks().isEmpty()) {
            for (int i = 0; i < blocks.size(); i++) {
                copy(state.root().blocks().get(i), blocks.get(i));
            }
        }
        return blocks;
    }

    private void copy(KeyValueBlock source, KeyValueBlock target) {
        DecoderSpec config = runtime.model().config();
        source.copyTo(target, config.kvHeads(), config.headDim());
    }

    synchronized void retain() {
        users++;
    }

    synchronized void release() {
        if (--users == 0) {
            free();
        }
    }

    private void free() {
        lease.run();
        tip = null;
    }
}
