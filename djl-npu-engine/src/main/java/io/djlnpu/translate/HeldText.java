package io.djlnpu.translate;

/**
 * Holds a stream's text back from where a function call may begin, since only the end of the answer
 * shows whether it is one.
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
        int at = rest.isEmpty() ? callBegins(text) : 0;
        rest.append(text, at, text.length());
        return text.substring(0, at);
    }

    /** An object, a list of them, or a fenced block. */
    private static int callBegins(String text) {
        for (int i = 0; i < text.length(); i++) {
            if ("{[`".indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return text.length();
    }

    /** Returns what was held back. */
    String rest() {
        return rest.toString();
    }
}
