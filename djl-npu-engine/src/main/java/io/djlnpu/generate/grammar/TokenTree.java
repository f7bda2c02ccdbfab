package io.djlnpu.generate.grammar;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A vocabulary's tokens by their bytes, as a tree: children of a node are siblings in a list, so
 * that a million nodes stay small. Safe for many threads.
 */
public final class TokenTree {

    /** The node of no bytes. */
    static final int ROOT = 0;

    private static final int NONE = -1;

    private int[] firstChild = new int[1024];
    private int[] nextSibling = new int[1024];
    private byte[] label = new byte[1024];
    private int[] token = new int[1024];
    private int nodes;

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
        addNode((byte) 0);
        for (int id = 0; id < this.bytes.length; id++) {
            if (this.bytes[id] != null && this.bytes[id].length > 0) {
                add(id);
            }
        }
        allBytes = everyByteIsAToken();
    }

    private int addNode(byte value) {
        if (nodes == label.length) {
            firstChild = Arrays.copyOf(firstChild, 2 * nodes);
            nextSibling = Arrays.copyOf(nextSibling, 2 * nodes);
            label = Arrays.copyOf(label, 2 * nodes);
            token = Arrays.copyOf(token, 2 * nodes);
        }
        firstChild[nodes] = NONE;
        nextSibling[nodes] = NONE;
        label[nodes] = value;
        token[nodes] = NONE;
        return nodes++;
    }

    private void add(int id) {
        int node = ROOT;
        for (byte value : bytes[id]) {
            int child = child(node, value);
            if (child == NONE) {
                child = addNode(value);
                nextSibling[child] = firstChild[node];
                firstChild[node] = child;
            }
            node = child;
        }
        sameBytes[id] = token[node];
        token[node] = id;
    }

    /** Returns the node of one byte more; negative if no token goes on so. */
    int child(int node, int value) {
        int child = firstChild[node];
        while (child != NONE && label[child] != (byte) value) {
            child = nextSibling[child];
        }
        return child;
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
        visit(ROOT, grammar, state, visitor);
    }

    /** As deep as the longest token. */
    private void visit(int node, OutputGrammar grammar, int state, Visitor visitor) {
        for (int child = firstChild[node]; child != NONE; child = nextSibling[child]) {
            int next = grammar.step(state, label[child] & 0xFF);
            if (next < 0) {
                continue;
            }
            for (int id = token[child]; id != NONE; id = sameBytes[id]) {
                visitor.accept(id, next);
            }
            visit(child, grammar, next, visitor);
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
