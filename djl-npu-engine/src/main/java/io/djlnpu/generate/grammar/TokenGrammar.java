package io.djlnpu.generate.grammar;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A grammar over the tokens of a vocabulary: which of them may follow in a state, and in how many
 * of them an answer can be brought to its end. One for all answers of a form; safe for many
 * threads.
 */
final class TokenGrammar {

    /** Sets of tokens, 32 KB each with Gemma's vocabulary. An answer dwells in few states. */
    private static final int KEPT_SETS = 128;

    /**
     * What may follow in a state.
     *
     * @param tokens ids
     * @param longest tokens to the end after the least favourable of them
     */
    record Allowed(BitSet tokens, int longest) {}

    private final OutputGrammar grammar;
    private final TokenTree tokens;
    private final Set<Integer> ends;
    private final int[] tokensToEnd;
    private final RecentlyUsed<Integer, Allowed> allowed = new RecentlyUsed<>(KEPT_SETS, set -> 1);

    /**
     * @param ends tokens that end an answer, whatever their text
     */
    TokenGrammar(OutputGrammar grammar, TokenTree tokens, Set<Integer> ends) {
        this.grammar = grammar;
        this.tokens = tokens;
        this.ends = ends;
        tokensToEnd = tokensToEnd(grammar, tokens);
    }

    /**
     * A bound of the tokens that end an answer, which can always be kept to: each state has one
     * shortest way of bytes to an end, and the ways of its states lie on it. So the best first
     * token along it leads to a state whose own number is known already.
     */
    private static int[] tokensToEnd(OutputGrammar grammar, TokenTree tokens) {
        int states = grammar.states();
        int[] nearer = new int[states];
        Arrays.setAll(nearer, grammar::byteTowardsEnd);
        int[] result = new int[states];
        Arrays.fill(result, OutputGrammar.UNREACHABLE);
        int[] order =
                IntStream.range(0, states)
                        .filter(s -> grammar.bytesToEnd(s) != OutputGrammar.UNREACHABLE)
                        .boxed()
                        .sorted(Comparator.comparingInt(grammar::bytesToEnd))
                        .mapToInt(Integer::intValue)
                        .toArray();
        for (int state : order) {
            if (grammar.isEnd(state)) {
                result[state] = 0;
                continue;
            }
            int node = TokenTree.ROOT;
            int at = state;
            while (!grammar.isEnd(at)) {
                int value = nearer[at];
                node = tokens.child(node, value);
                if (node < 0) {
                    break;
                }
                at = grammar.step(at, value);
                if (tokens.endsToken(node) && result[at] != OutputGrammar.UNREACHABLE) {
                    result[state] = Math.min(result[state], 1 + result[at]);
                }
            }
        }
        return result;
    }

    long weight() {
        return grammar.weight();
    }

    /** The fewest tokens that are known to make a whole answer of what is there. */
    int tokensToEnd(int state) {
        return tokensToEnd[state];
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
                    if (tokensToEnd[next] <= left) {
                        ids.set(id);
                        longest[0] = Math.max(longest[0], tokensToEnd[next]);
                    }
                });
        ends.forEach(ids::clear);
        if (grammar.isEnd(state)) {
            ends.forEach(ids::set);
        }
        return new Allowed(ids, longest[0]);
    }
}
