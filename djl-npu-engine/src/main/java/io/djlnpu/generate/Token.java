package io.djlnpu.generate;

/**
 * One generated token.
 *
 * @param id the token
 * @param text the text that became certain with it: empty inside a character or a possible stop
 *     sequence, more than the token's own after one. The texts of all tokens make the whole answer.
 * @param logProb natural logarithm of the model's own probability for it, before temperature,
 *     penalties and filters; NaN unless asked for
 */
public record Token(int id, String text, double logProb) {}
