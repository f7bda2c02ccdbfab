package io.djlnpu.generate;

import java.util.List;
import java.util.Optional;

/**
 * One generated token.
 *
 * @param id the token
 * @param text the text that became certain with it: empty inside a character or a possible stop
 *     sequence, more than the token's own after one. The texts of all tokens make the whole answer.
 * @param logProb natural logarithm of the model's own probability for it, before temperature,
 *     penalties and filters; NaN unless asked for
 * @param own the token by itself; empty unless log-probabilities are asked for
 * @param likeliest the tokens that the model itself found likeliest here, best first; empty unless
 *     asked for
 */
public record Token(
        int id, String text, double logProb, Optional<Likelihood> own, List<Likelihood> likeliest) {

    /**
     * A token that could have been chosen.
     *
     * @param id the token
     * @param text its own text; U+FFFD for what is only part of a character
     * @param bytes what it adds to the text, in UTF-8, each from 0 to 255
     * @param logProb natural logarithm of its probability
     */
    public record Likelihood(int id, String text, List<Integer> bytes, double logProb) {

        /** Copies the list. */
        public Likelihood {
            bytes = List.copyOf(bytes);
        }
    }

    /** Copies the list. */
    public Token {
        likeliest = List.copyOf(likeliest);
    }
}
