package io.djlnpu.bundle;

import java.util.List;

/**
 * Token ids that mean something to the runtime.
 *
 * @param bos starts every sequence, or {@link #NONE}
 * @param pad padding, or {@link #NONE}
 * @param eos each of them ends an answer; empty for a model that gives none
 */
public record TokenIds(int bos, int pad, List<Integer> eos) {

    /** No such token. */
    public static final int NONE = -1;

    /** Copies the list. */
    public TokenIds {
        eos = List.copyOf(eos);
    }
}
