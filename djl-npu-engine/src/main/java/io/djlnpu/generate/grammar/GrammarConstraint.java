package io.djlnpu.generate.grammar;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;

/**
 * Keeps one answer within a grammar. Follows its tokens through the automaton and bans those that
 * leave it; near the limit of the answer's length also those from which the end could no longer be
 * reached in time, so that an answer is whole whenever the limit leaves room for the shortest one.
 */
public final class GrammarConstraint {

    private final OutputGrammar grammar;
    private final TokenTree tokens;
    private final TokenGrammar form;
    private final Set<Integer> ends;
    private final int limit;

    private int state;
    private int count;

    private GrammarConstraint(
            OutputGrammar grammar, TokenTree tokens, Set<Integer> ends, int limit) {
        this.grammar = grammar;
        this.tokens = tokens;
        this.ends = ends;
        this.limit = limit;
        form = tokens.under(grammar, ends);
        state = grammar.start();
    }

    /**
     * Starts an answer.
     *
     * @param grammar its form
     * @param tokens the vocabulary
     * @param ends tokens that end an answer
     * @param limit tokens of the answer at most
     * @return the constraint at its beginning
     */
    public static GrammarConstraint start(
            OutputGrammar grammar, TokenTree tokens, Set<Integer> ends, int limit) {
        return new GrammarConstraint(grammar, tokens, ends, limit);
    }

    /**
     * Bans tokens.
     *
     * @param logits {@code [vocab]}; banned ones become -Infinity
     * @throws IllegalStateException if the vocabulary has no token that goes on
     */
    public void apply(float[] logits) {
        BitSet allowed = allowed();
        if (allowed.isEmpty()) {
            throw new IllegalStateException(
                    "the vocabulary has no token that continues an answer of this form");
        }
        for (int id = 0; id < logits.length; id++) {
            if (!allowed.get(id)) {
                logits[id] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    private BitSet allowed() {
        int left = limit - count - 1;
        TokenGrammar.Allowed all = form.allowed(state);
        if (all.longest() <= left) {
            return all.tokens();
        }
        BitSet inTime = form.allowed(state, left).tokens();
        // Too short a limit from the start: what there is of an answer still keeps to the form.
        return inTime.isEmpty() ? all.tokens() : inTime;
    }

    /**
     * Tells whether the answer is whole and nothing may follow.
     *
     * @return true if only its end is left
     */
    public boolean isComplete() {
        return grammar.isComplete(state);
    }

    /**
     * Follows the answer.
     *
     * @param id the token that was chosen
     */
    public void accept(int id) {
        count++;
        if (ends.contains(id)) {
            return;
        }
        byte[] text = tokens.bytes(id);
        for (byte value : text == null ? new byte[0] : text) {
            state = grammar.step(state, value & 0xFF);
            if (state < 0) {
                throw new IllegalArgumentException(
                        "token %d, bytes %s, leaves the form".formatted(id, Arrays.toString(text)));
            }
        }
    }
}
