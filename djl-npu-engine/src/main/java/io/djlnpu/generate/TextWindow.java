package io.djlnpu.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A piece of a long text as a model is shown it: alone, from position 0, after the token that every
 * text begins with. Without that token Gemma is another, much worse model.
 *
 * <p>Windows follow each other as strided evaluation defines it: each begins {@code stride} tokens
 * after the one before, and a token is scored in the first window that reaches it. So all tokens of
 * the first window are scored, and of a later one those that have at least {@code context - 1 -
 * stride} others of the text before them.
 *
 * @param ids what the model is shown, at least two tokens, the beginning included
 * @param firstScored index of the first token that is scored, at least 1
 */
public record TextWindow(int[] ids, int firstScored) {

    /**
     * Cuts a text.
     *
     * @param ids the text; its first token, {@code <bos>}, begins every window
     * @param context tokens of a window, {@code <bos>} included, at least 2
     * @param stride tokens from one window's start to the next one's, 1 to {@code context - 1}
     * @return the windows in order; the last one may be shorter
     * @throws IllegalArgumentException if the text has fewer than two tokens, or a number is out of
     *     its range
     */
    public static List<TextWindow> cut(int[] ids, int context, int stride) {
        if (ids.length < 2) {
            throw new IllegalArgumentException(
                    "a text of " + ids.length + " tokens, expected two at least");
        }
        if (context < 2 || stride < 1 || stride > context - 1) {
            throw new IllegalArgumentException(
                    "context "
                            + context
                            + ", stride "
                            + stride
                            + "; expected a context of 2 at least and a stride of 1 to the"
                            + " context less 1, as <bos> takes a place");
        }
        List<TextWindow> windows = new ArrayList<>();
        int reached = 1;
        for (int from = 1; reached < ids.length; from += stride) {
            int to = Math.min(ids.length, from + context - 1);
            int[] window = new int[to - from + 1];
            window[0] = ids[0];
            System.arraycopy(ids, from, window, 1, to - from);
            windows.add(new TextWindow(window, reached - from + 1));
            reached = to;
        }
        return windows;
    }

    /**
     * Cuts a text into windows that do not overlap.
     *
     * @param ids the text; its first token, {@code <bos>}, begins every window
     * @param context tokens of a window, {@code <bos>} included, at least 2
     * @return the windows in order
     */
    public static List<TextWindow> cut(int[] ids, int context) {
        return cut(ids, context, Math.max(1, context - 1));
    }

    /**
     * Returns how many tokens are scored.
     *
     * @return at least 1
     */
    public int scored() {
        return ids.length - firstScored;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TextWindow window
                && firstScored == window.firstScored
                && Arrays.equals(ids, window.ids);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + firstScored;
    }

    @Override
    public String toString() {
        return Arrays.toString(ids) + " from " + firstScored;
    }
}
