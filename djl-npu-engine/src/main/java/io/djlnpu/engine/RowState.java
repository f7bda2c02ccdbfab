package io.djlnpu.engine;

import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.KeyValueBlock;
import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * One row of a batch after one forward pass: what its {@code present} arrays stand for. Holds no
 * keys, but the way to them: the session that went through this state, and the tokens that lead
 * here, should that session have gone on without it.
 *
 * <p>A slot is a column of the attention mask; a token is an unmasked slot. Sessions hold tokens
 * only.
 */
final class RowState {

    private final RowSession row;
    private final RowState previous;
    private final ImportedRow imported;
    private final int[] ids;
    private final int[] shifts;
    private final boolean[] unmasked;
    private final int tokens;
    private SoftReference<List<KeyValueBlock>> recomputed = new SoftReference<>(null);

    private RowState(
            RowSession row,
            RowState previous,
            ImportedRow imported,
            int[] ids,
            int[] shifts,
            boolean[] unmasked) {
        this.row = row;
        this.previous = previous;
        this.imported = imported;
        this.ids = ids;
        this.shifts = shifts;
        this.unmasked = unmasked;
        tokens = (previous == null ? imported.tokens() : previous.tokens) + ids.length;
    }

    /**
     * The state that a caller describes by keys and values of its own; with none, the state before
     * any token.
     */
    static RowState of(NpuRuntime runtime, ImportedRow imported) {
        int[] none = {};
        RowSession row = new RowSession(runtime);
        return new RowState(row, null, imported, none, none, imported.unmasked());
    }

    /** Receives what the model says after a token; both arrays are valid during the call. */
    @FunctionalInterface
    interface Sink {

        void accept(int token, float[] logits, float[] hidden);
    }

    /**
     * Goes on with more tokens.
     *
     * @param newIds the tokens
     * @param newShifts by how much each token's position differs from its place in the sequence
     * @param allUnmasked the mask over old and new slots
     * @param sink receives logits and hidden state of each token
     */
    RowState advance(int[] newIds, int[] newShifts, boolean[] allUnmasked, Sink sink) {
        RowSession target = row.continuing(this);
        RowState next = new RowState(target, this, null, newIds, newShifts, allUnmasked);
        target.advance(this, next, sink);
        return next;
    }

    RowSession row() {
        return row;
    }

    int tokens() {
        return tokens;
    }

    boolean[] unmasked() {
        return unmasked;
    }

    /** What the caller brought, from which everything else was computed. */
    ImportedRow root() {
        RowState state = this;
        while (state.previous != null) {
            state = state.previous;
        }
        return state.imported;
    }

    /** The slot of each token. */
    int[] tokenSlots() {
        int[] slots = new int[tokens];
        for (int slot = 0, token = 0; slot < unmasked.length; slot++) {
            if (unmasked[slot]) {
                slots[token++] = slot;
            }
        }
        return slots;
    }

    /** Copies one layer's keys and values, slot by slot, to the head of each block's rows. */
    void read(int layer, KeyValueBlock target) {
        row.read(this, layer, target);
    }

    /** Keys and values that had to be computed again, as long as memory allows to keep them. */
    List<KeyValueBlock> recomputed(Supplier<List<KeyValueBlock>> recompute) {
        List<KeyValueBlock> blocks = recomputed.get();
        if (blocks == null) {
            blocks = recompute.get();
            recomputed = new SoftReference<>(blocks);
        }
        return blocks;
    }

    /** Feeds this state's own tokens. */
    void feed(DecoderSession session, Sink sink) {
        boolean decode = isDecode(session);
        parts(
                session,
                ids.length,
                (from, end) -> {
                    if (decode) {
                        sink.accept(0, session.decode(ids[from]), session.lastHidden());
                    } else {
                        session.prefillAll(
                                Arrays.copyOfRange(ids, from, end),
                                (i, logits) -> sink.accept(from + i, logits, session.lastHidden()));
                    }
                });
    }

    /**
     * Takes an empty session to this state by the very steps that led here, so that its keys come
     * out the same, bit for bit.
     *
     * @param session an empty session
     * @param afterPart called whenever at most a chunk of tokens has been added
     */
    void replay(DecoderSession session, Runnable afterPart) {
        Deque<RowState> path = new ArrayDeque<>();
        for (RowState state = this; state != null; state = state.previous) {
            path.push(state);
        }
        RowState root = path.peek();
        if (root.tokens > 0) {
            session.restore(root.imported.blocks(), root.tokenSlots());
        }
        for (RowState state : path) {
            state.refeed(session, afterPart);
        }
    }

    private void refeed(DecoderSession session, Runnable afterPart) {
        boolean decode = isDecode(session);
        parts(
                session,
                row.chunk(),
                (from, end) -> {
                    if (decode) {
                        session.decode(ids[from]);
                    } else {
                        session.prefill(Arrays.copyOfRange(ids, from, end));
                    }
                    afterPart.run();
                });
    }

    private boolean isDecode(DecoderSession session) {
        return ids.length == 1 && session.position() > 0;
    }

    @FunctionalInterface
    private interface Part {

        void feed(int from, int end);
    }

    /** Cuts the tokens where their shift changes. */
    private void parts(DecoderSession session, int most, Part part) {
        for (int from = 0; from < ids.length; ) {
            int end = from + 1;
            while (end < ids.length && end - from < most && shifts[end] == shifts[from]) {
                end++;
            }
            session.rotateAhead(shifts[from]);
            part.feed(from, end);
            from = end;
        }
    }
}
