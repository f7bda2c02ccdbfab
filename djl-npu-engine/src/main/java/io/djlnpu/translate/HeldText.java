package io.djlnpu.translate;

import io.djlnpu.generate.chat.ToolCall;

/**
 * Holds a stream's text back from where a function call may begin, until it shows that it is none.
 * Whether it is one, only the end of the answer shows.
 */
final class HeldText {

    private final boolean watching;
    private final StringBuilder rest = new StringBuilder();
    private int shownLength = -1;

    /**
     * @param watching whether functions are offered at all
     */
    HeldText(boolean watching) {
        this.watching = watching;
    }

    /** Returns the part of the text that may be shown now. */
    String append(String text) {
        shownLength = Math.max(0, shownLength);
        if (!watching) {
            return text;
        }
        rest.append(text);
        int at = 0;
        while (at < rest.length() && !ToolCall.mayBegin(rest.substring(at))) {
            at++;
        }
        String shown = rest.substring(0, at);
        rest.delete(0, at);
        shownLength += shown.length();
        return shown;
    }

    /** Tells whether nothing was appended yet. */
    boolean isNew() {
        return shownLength < 0;
    }

    /** Returns what follows the shown part in the words of the whole answer. */
    String after(String words) {
        return words.substring(Math.min(shownLength, words.length()));
    }

    /** Returns what was held back. */
    String rest() {
        return rest.toString();
    }
}
