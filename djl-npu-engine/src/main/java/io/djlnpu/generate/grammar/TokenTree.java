package io.djlnpu.generate.grammar;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A vocabulary's tokens by their bytes, as a tree whose nodes lie in the order of a walk: a node's
 * first child follows it, and a node knows where its subtree ends. So a walk reads memory from
 * front to back, and what cannot go on is skipped at once. Safe for many threads.
 */
public final class TokenTree {

    /** The node of no bytes. */
    static final int ROOT = 0;

    private static final int NONE = -1;

    /** Longer tokens, if any, are never chosen within a form. */
    private static final int LONGEST = 127;

    private final byte[] label;
    private final byte[] depth;
    private final int[] token;

    /** The node behind each one's subtree. */
    private final int[] end;

    /** Tokens of the same bytes as one in the tree. */
    private final int[] sameBytes;

    private final byte[][] bytes;
    private final boolean allBytes;
    private final RecentlyUsed<Form, TokenGrammar> grammars =
            new RecentlyUsed<>(OutputGrammar.MOST_KEPT, grammar -> 1);

    private record Form(OutputGrammar grammar, Set<Integer> ends) {}

    /**
     * Builds the tree.
     *
     * @param bytes of each token by its id; null for tokens that are no text
     */
    public TokenTree(List<byte[]> bytes) {
        this.bytes = bytes.toArray(byte[][]::new);
        sameBytes = new int[bytes.size()];
        Arrays.fill(sameBytes, NONE);
        Integer[] order =
                IntStream.range(0, this.bytes.length)
                        .filter(id -> this.bytes[id] != null && this.bytes[id].length > 0)
                        .filter(id -> this.bytes[id].length <= LONGEST)
                        .boxed()
                        .sorted((a, b) -> Arrays.compareUnsigned(this.bytes[a], this.bytes[b]))
                        .toArray(Integer[]::new);
        int nodes = 1;
        byte[] before = {};
        for (Integer id : order) {
            nodes += this.bytes[id].length - shared(before, this.bytes[id]);
            before = this.bytes[id];
        }
        label = new byte[nodes];
        depth = new byte[nodes];
        token = new int[nodes];
        end = new int[nodes];
        Arrays.fill(token, NONE);
        int[] open = new int[LONGEST + 1];
        int next = 1;
        before = new byte[0];
        for (Integer id : order) {
            byte[] text = this.bytes[id];
            int same = shared(before, text);
            for (int d = before.length; d > same; d--) {
                end[open[d]] = next;
            }
            for (int d = same + 1; d <= text.length; d++) {
                open[d] = next;
                label[next] = text[d - 1];
                depth[next++] = (byte) d;
            }
            sameBytes[id] = token[open[text.length]];
            token[open[text.length]] = id;
            before = text;
        }
        for (int d = before.length; d >= 0; d--) {
            end[open[d]] = next;
        }
        allBytes = everyByteIsAToken();
    }

    private static int shared(byte[] a, byte[] b) {
        int mismatch = Arrays.mismatch(a, b);
        return mismatch < 0 ? a.length : mismatch;
    }

    /** Returns the node of one byte more; negative if no token goes on so. */
    int child(int node, int value) {
        for (int child = node + 1; child < end[node]; child = end[child]) {
            if (label[child] == (byte) value) {
                return child;
            }
        }
        return NONE;
    }

    /** Whether the bytes up to a node are a token. */
    boolean endsToken(int node) {
        return token[node] != NONE;
    }

    /** Whether every byte is a token of its own, so that any bytes can be written. */
    boolean hasAllBytes() {
        return allBytes;
    }

    private boolean everyByteIsAToken() {
        for (int value = 0; value < 256; value++) {
            int child = child(ROOT, value);
            if (child < 0 || !endsToken(child)) {
                return false;
            }
        }
        return true;
    }

    /** Returns a grammar over these tokens; the same for the same grammar, for a while. */
    TokenGrammar under(OutputGrammar grammar, Set<Integer> ends) {
        return grammars.get(
                new Form(grammar, ends), form -> new TokenGrammar(form.grammar, this, form.ends));
    }

    /** Receives a token and the grammar's state after it. */
    interface Visitor {
        void accept(int id, int state);
    }

    /** Visits all tokens that a grammar allows after a state. */
    void visit(OutputGrammar grammar, int state, Visitor visitor) {
        int[][] rows = new int[LONGEST + 1][];
        rows[0] = grammar.steps(state);
        for (int node = 1; node < label.length; ) {
            int next = rows[depth[node] - 1][label[node] & 0xFF];
            if (next < 0) {
                node = end[node];
                continue;
            }
            for (int id = token[node]; id != NONE; id = sameBytes[id]) {
                visitor.accept(id, next);
            }
            if (end[node] > node + 1) {
                rows[depth[node]] = grammar.steps(next);
            }
            node++;
        }
    }

    /**
     * Returns what a token adds to a text.
     *
     * @param id the token
     * @return its bytes, not to be changed; null if it is no text
     */
    public byte[] bytes(int id) {
        return id < bytes.length ? bytes[id] : null;
    }

    /** Number of ids. */
    int size() {
        return bytes.length;
    }
}
