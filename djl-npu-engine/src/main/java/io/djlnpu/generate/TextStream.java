package io.djlnpu.generate;

import java.util.Arrays;

/**
 * Turns tokens into text one by one. A character whose bytes are spread over several tokens comes
 * out whole, with the last of them; everything else comes out at once.
 */
public final class TextStream {

    private static final char REPLACEMENT = '\uFFFD';

    /** UTF-8 spreads a character over four bytes at most, so over four tokens at most. */
    private static final int MAX_PENDING = 4;

    private final Tokenizer tokenizer;
    private final boolean skipSpecial;
    private final int[] pending = new int[MAX_PENDING];
    private int count;

    /**
     * Starts a text without special tokens.
     *
     * @param tokenizer the model's tokenizer
     */
    public TextStream(Tokenizer tokenizer) {
        this(tokenizer, true);
    }

    /**
     * Starts a text.
     *
     * @param tokenizer the model's tokenizer
     * @param skipSpecial whether special tokens are left out
     */
    public TextStream(Tokenizer tokenizer, boolean skipSpecial) {
        this.tokenizer = tokenizer;
        this.skipSpecial = skipSpecial;
    }

    /**
     * Appends a token.
     *
     * @param id the token
     * @return the text that is certain now; often the token's own, empty inside a character
     */
    public String append(int id) {
        pending[count++] = id;
        String text = decode(count);
        if (!text.endsWith(String.valueOf(REPLACEMENT))) {
            count = 0;
            return text;
        }
        return count < MAX_PENDING ? "" : dropInvalid();
    }

    /** The first pending byte begins no character; what follows it may. */
    private String dropInvalid() {
        String text = decode(1);
        System.arraycopy(pending, 1, pending, 0, --count);
        String rest = decode(count);
        if (rest.endsWith(String.valueOf(REPLACEMENT))) {
            return text;
        }
        count = 0;
        return text + rest;
    }

    /**
     * Ends the text.
     *
     * @return what an incomplete character became, usually nothing
     */
    public String finish() {
        String text = decode(count);
        count = 0;
        return text;
    }

    private String decode(int length) {
        return tokenizer.decode(Arrays.copyOf(pending, length), skipSpecial);
    }
}
