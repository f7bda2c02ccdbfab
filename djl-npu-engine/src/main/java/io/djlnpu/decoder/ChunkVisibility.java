package io.djlnpu.decoder;

import io.djlnpu.bundle.Visibility;
import io.djlnpu.kernel.VisibleKeys;

/**
 * Visibility in a chunk: what the rule of a kind of layers lets a token see of its own text, and
 * all of the token's own image besides.
 */
final class ChunkVisibility implements VisibleKeys {

    private final Visibility rule;
    private final TextSpans texts;

    ChunkVisibility(Visibility rule, TextSpans texts) {
        this.rule = rule;
        this.texts = texts;
    }

    /** The first key that a lone token at a position sees. */
    int oldest(int position) {
        return rule.isWindow() ? Math.max(0, position - rule.before()) : 0;
    }

    @Override
    public int first(int token) {
        int oldest = Math.max(texts.textFirst(token), oldest(texts.slot(token)));
        return Math.min(texts.imageFirst(token), oldest);
    }

    @Override
    public int end(int token) {
        long newest = texts.slot(token) + 1L + rule.after();
        return (int) Math.max(texts.imageEnd(token), Math.min(texts.textEnd(token), newest));
    }
}
