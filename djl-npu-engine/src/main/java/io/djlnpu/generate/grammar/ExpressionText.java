package io.djlnpu.generate.grammar;

/** The text of a regular expression and how far it has been read. */
final class ExpressionText {

    private final String text;
    private int at;

    ExpressionText(String text) {
        this.text = text;
    }

    boolean atEnd() {
        return at == text.length();
    }

    /** Whether this comes next. */
    boolean sees(String expected) {
        return text.startsWith(expected, at);
    }

    /** Passes this over if it comes next. */
    boolean take(String expected) {
        boolean seen = sees(expected);
        at += seen ? expected.length() : 0;
        return seen;
    }

    /** Reads a character. */
    int next() {
        if (atEnd()) {
            throw refused("its end", "complete it");
        }
        int c = text.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }

    /** Reads hexadecimal digits: so many, or as many as stand in braces. */
    int hex(int digits) {
        boolean braces = take("{");
        int end = braces ? text.indexOf('}', at) : at + digits;
        String code = end < 0 || end > text.length() ? "" : text.substring(at, end);
        if (!code.matches("0*[0-9A-Fa-f]{1,6}")
                || Integer.parseInt(code, 16) > Character.MAX_CODE_POINT) {
            throw refused("an escape of no character", "write its code in hexadecimal digits");
        }
        at = braces ? end + 1 : end;
        return Integer.parseInt(code, 16);
    }

    /**
     * Reads {@code {2}}, {@code {2,}} or {@code {2,5}}; null, and nothing is read, if what comes
     * next is none of them: such a brace stands for itself.
     */
    int[] repetition() {
        int end = sees("{") ? text.indexOf('}', at) : -1;
        String inner = end < 0 ? "" : text.substring(at + 1, end);
        if (!inner.matches("[0-9]+(,[0-9]*)?")) {
            return null;
        }
        String[] bounds = inner.split(",", -1);
        int min = count(bounds[0]);
        int max = bounds.length == 1 ? min : bounds[1].isEmpty() ? -1 : count(bounds[1]);
        if (max >= 0 && min > max) {
            throw refused("{" + inner + "}", "put the smaller number first");
        }
        at = end + 1;
        return new int[] {min, max};
    }

    /** Far too many are as bad as a little too many. */
    private static int count(String digits) {
        String plain = digits.replaceFirst("^0+(?=.)", "");
        return plain.length() > 9 ? 999_999_999 : Integer.parseInt(plain);
    }

    /** Says what cannot be read where. */
    IllegalArgumentException refused(String what, String advice) {
        return new IllegalArgumentException(
                "regular expression '%s', at character %d: %s cannot be held to; %s"
                        .formatted(text, at, what, advice));
    }
}
