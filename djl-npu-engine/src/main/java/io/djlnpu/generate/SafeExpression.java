package io.djlnpu.generate;

/**
 * Expressions of a tokenizer that a backtracking engine works off in a time that grows at most with
 * the square of the text: groups with a quantifier inside are not repeated, no branch repeats
 * without end more than twice, nothing that can fail follows such a repetition, and nothing refers
 * back. The published splitters (GPT-2, Llama 3, Qwen, GPT-4o) are of this kind.
 */
final class SafeExpression {

    private static final int LONGEST = 4096;
    private static final int MOST_REPEATED = 64;
    private static final int MOST_UNBOUNDED = 2;
    private static final int MOST_DEPTH = 16;

    private final String text;
    private int at;
    private int depth;

    private SafeExpression(String text) {
        this.text = text;
    }

    /** What a part may do. */
    private record Part(boolean quantified, boolean unbounded) {}

    /**
     * Checks an expression.
     *
     * @throws IllegalArgumentException if it is not of this kind
     */
    static void check(String text) {
        if (text.isEmpty() || text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "an expression of %d characters, expected 1 to %d"
                            .formatted(text.length(), LONGEST));
        }
        SafeExpression expression = new SafeExpression(text);
        expression.branches();
        if (expression.at < text.length()) {
            throw expression.unsafe("a ')' too many");
        }
    }

    private IllegalArgumentException unsafe(String why) {
        return new IllegalArgumentException(
                "the expression '%s' at %d: %s".formatted(shown(), at, why));
    }

    private String shown() {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }

    private boolean peek(String next) {
        return text.startsWith(next, at);
    }

    /** Reads branches up to the end or a closing bracket. */
    private Part branches() {
        boolean quantified = false;
        boolean unbounded = false;
        do {
            Part branch = branch();
            quantified |= branch.quantified;
            unbounded |= branch.unbounded;
        } while (at < text.length() && text.charAt(at) == '|' && ++at > 0);
        return new Part(quantified, unbounded);
    }

    private Part branch() {
        int unbounded = 0;
        boolean quantified = false;
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            boolean lookAhead = peek("(?=") || peek("(?!");
            Part atom = atom();
            int[] times = quantifier();
            boolean repeats = times[1] != 1 || times[0] != 1;
            if (repeats && (atom.quantified || lookAhead)) {
                throw unsafe("a repetition of a repetition");
            }
            boolean endless = times[1] < 0 || atom.unbounded;
            boolean optional = times[0] == 0 || lookAhead;
            if (unbounded > 0 && !endless && !optional) {
                throw unsafe("something must follow an endless repetition");
            }
            if (endless && ++unbounded > MOST_UNBOUNDED) {
                throw unsafe("more than %d endless repetitions".formatted(MOST_UNBOUNDED));
            }
            quantified |= repeats || atom.quantified;
        }
        return new Part(quantified, unbounded > 0);
    }

    private Part atom() {
        char c = text.charAt(at++);
        return switch (c) {
            case '(' -> group();
            case '[' -> characters();
            case '\\' -> escape();
            case '*', '+', '?', '{' -> throw unsafe("a quantifier of nothing");
            default -> new Part(false, false);
        };
    }

    private Part group() {
        if (++depth > MOST_DEPTH) {
            throw unsafe("nested more than %d deep".formatted(MOST_DEPTH));
        }
        boolean look = peek("?=") || peek("?!");
        if (peek("?:") || look) {
            at += 2;
        } else if (peek("?i:")) {
            at += 3;
        } else if (peek("?")) {
            throw unsafe("a group that is none of (...), (?:...), (?i:...), (?=...), (?!...)");
        }
        Part inner = branches();
        if (at >= text.length() || text.charAt(at) != ')') {
            throw unsafe("a group without its end");
        }
        at++;
        depth--;
        if (look && inner.quantified) {
            throw unsafe("a repetition in a look ahead");
        }
        return look ? new Part(false, false) : inner;
    }

    private Part characters() {
        if (peek("^")) {
            at++;
        }
        if (peek("]")) {
            at++;
        }
        int open = 1;
        while (at < text.length() && open > 0) {
            char c = text.charAt(at++);
            if (c == '\\') {
                at++;
            } else if (c == '[') {
                open++;
            } else if (c == ']') {
                open--;
            }
        }
        if (open > 0 || at > text.length()) {
            throw unsafe("a class without its end");
        }
        return new Part(false, false);
    }

    private Part escape() {
        if (at >= text.length()) {
            throw unsafe("a backslash at the end");
        }
        char c = text.charAt(at++);
        if (c >= '0' && c <= '9' || "kgKGXRyYbBAzZ".indexOf(c) >= 0) {
            throw unsafe("'\\%c' is not read".formatted(c));
        }
        if ((c == 'p' || c == 'P' || c == 'x') && peek("{")) {
            int end = text.indexOf('}', at);
            if (end < 0) {
                throw unsafe("no '}'");
            }
            at = end + 1;
        }
        return new Part(false, false);
    }

    /** Least and most times; -1 for no end. */
    private int[] quantifier() {
        int[] times = {1, 1};
        if (at < text.length()) {
            switch (text.charAt(at)) {
                case '*' -> times = new int[] {0, -1};
                case '+' -> times = new int[] {1, -1};
                case '?' -> times = new int[] {0, 1};
                case '{' -> times = counted();
                default -> {
                    return times;
                }
            }
            at++;
            if (peek("?") || peek("+")) { // reluctant, possessive
                at++;
            }
            if (at < text.length() && "*+?{".indexOf(text.charAt(at)) >= 0) {
                throw unsafe("a repetition of a repetition");
            }
        }
        return times;
    }

    private int[] counted() {
        int end = text.indexOf('}', at);
        String[] bounds = end < 0 ? new String[0] : text.substring(at + 1, end).split(",", -1);
        try {
            int least = bounds[0].isEmpty() ? 0 : Integer.parseInt(bounds[0]);
            int most =
                    bounds.length == 1
                            ? least
                            : bounds[1].isEmpty() ? -1 : Integer.parseInt(bounds[1]);
            if (bounds.length <= 2
                    && least >= 0
                    && least <= MOST_REPEATED
                    && most <= MOST_REPEATED) {
                at = end;
                return new int[] {least, most};
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            // reported below
        }
        throw unsafe("a count that is not {n}, {n,} or {n,m} up to %d".formatted(MOST_REPEATED));
    }
}
