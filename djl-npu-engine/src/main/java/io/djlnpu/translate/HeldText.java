package io.djlnpu.translate;

import io.djlnpu.generate.chat.ToolCall;

/**
 * Holds a stream's text back from where a function call may begin, until it shows that it is none.
 * Whether it is one, only the end of the answer shows.
 */
final class HeldText {

    private final boolean watching;
    private final StringBuilder rest = new StringBuilder();

    /**
     * @param watching whether functions are offered at all
     */
    HeldText(boolean watching) {
        this.watching = watching;
    }

    /** Returns the part of the text that may be shown now. */
    String append(String text) {
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
        return shown;
    }

    /** Returns what was held back. */
    String rest() {
        return rest.toString();
    }
}
