package io.djlnpu.generate.grammar;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A grammar over the tokens of a vocabulary: which of them may follow in a state, and in how many
 * of them an answer can be brought to its end. One for all answers of a form; safe for many
 * threads.
 */
final class TokenGrammar {

    /** Sets of tokens, 32 KB each with Gemma's vocabulary. An answer dwells in few states. */
    private static final int KEPT_SETS = 128;

    /** The way to an end is followed so far; beyond it a byte counts as a token. */
    private static final int LONGEST_WAY = 20_000;

    /**
     * What may follow in a state.
     *
     * @param tokens ids
     * @param longest tokens to the end after the least favourable of them, at most
     */
    record Allowed(BitSet tokens, int longest) {}

    private final OutputGrammar grammar;
    private final TokenTree tokens;
    private final Set<Integer> ends;
    private final Map<Integer, Integer> tokensToEnd = new ConcurrentHashMap<>();
    private final RecentlyUsed<Integer, Allowed> allowed = new RecentlyUsed<>(KEPT_SETS, set -> 1);

    /**
     * @param ends tokens that end an answer, whatever their text
     */
    TokenGrammar(OutputGrammar grammar, TokenTree tokens, Set<Integer> ends) {
        this.grammar = grammar;
        this.tokens = tokens;
        this.ends = ends;
    }

    /**
     * The fewest tokens that are known to make a whole answer of what is there. Each state has one
     * shortest way of bytes to an end, and the ways of its states lie on it. So the best first
     * token along it leads to a state whose own number is known already.
     */
    int tokensToEnd(int state) {
        Integer known = tokensToEnd.get(state);
        if (known != null) {
            return known;
        }
        int length = grammar.bytesToEnd(state);
        if (length > LONGEST_WAY) {
            return length;
        }
        List<Integer> way = new ArrayList<>();
        List<Integer> values = new ArrayList<>();
        int at = state;
        while (!grammar.isEnd(at) && way.size() <= LONGEST_WAY) {
            int value = grammar.byteTowardsEnd(at);
            way.add(at);
            values.add(value);
            at = value < 0 ? -1 : grammar.step(at, value);
            if (at < 0) {
                return OutputGrammar.UNREACHABLE;
            }
        }
        int[] fewest = new int[way.size() + 1];
        for (int i = way.size() - 1; i >= 0; i--) {
            fewest[i] = OutputGrammar.UNREACHABLE;
            int node = TokenTree.ROOT;
            for (int j = i; j < way.size(); j++) {
                node = tokens.child(node, values.get(j));
                if (node < 0) {
                    break;
                }
                if (tokens.endsToken(node) && fewest[j + 1] != OutputGrammar.UNREACHABLE) {
                    fewest[i] = Math.min(fewest[i], 1 + fewest[j + 1]);
                }
            }
            tokensToEnd.put(way.get(i), fewest[i]);
        }
        return fewest[0];
    }

    /** A bound that is quick to have: where every byte is a token, bytes do. */
    private int bound(int state) {
        return tokens.hasAllBytes() ? grammar.bytesToEnd(state) : tokensToEnd(state);
    }

    private boolean endsWithin(int state, int left) {
        return bound(state) <= left || tokensToEnd(state) <= left;
    }

    /** What may follow in a state, however long the answer becomes. Not to be changed. */
    Allowed allowed(int state) {
        return allowed.get(state, s -> allowed(s, OutputGrammar.UNREACHABLE));
    }

    /** What may follow if no more than {@code left} tokens come after it. */
    Allowed allowed(int state, int left) {
        BitSet ids = new BitSet(tokens.size());
        int[] longest = new int[1];
        tokens.visit(
                grammar,
                state,
                (id, next) -> {
                    int bound = bound(next);
                    boolean reachable = bound != OutputGrammar.UNREACHABLE;
                    if (reachable
                            && (left == OutputGrammar.UNREACHABLE || endsWithin(next, left))) {
                        ids.set(id);
                        longest[0] = Math.max(longest[0], bound);
                    }
                });
        ends.forEach(ids::clear);
        if (grammar.isEnd(state)) {
            ends.forEach(ids::set);
        }
        return new Allowed(ids, longest[0]);
    }
}
