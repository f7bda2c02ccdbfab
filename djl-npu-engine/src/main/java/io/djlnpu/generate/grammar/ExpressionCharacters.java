package io.djlnpu.generate.grammar;

import java.util.BitSet;

/**
 * Reads what stands for one character in a regular expression: itself, a dot, an escape, a class in
 * brackets. The result is a set of code points.
 */
final class ExpressionCharacters {

    private static final int CODE_POINTS = Character.MAX_CODE_POINT + 1;

    private static final BitSet DIGITS = of("09");
    private static final BitSet WORD = of("AZ", "az", "09", "__");
    private static final BitSet SPACE = of("\t\r", "  ");

    /** What ends a line in any of the dialects, so that a dot means the same in all of them. */
    private static final BitSet LINE_ENDS = of("\n\n", "\r\r", "\u0085\u0085", "\u2028\u2029");

    private final ExpressionText text;

    ExpressionCharacters(ExpressionText text) {
        this.text = text;
    }

    private static BitSet of(String... ranges) {
        BitSet set = new BitSet();
        for (String range : ranges) {
            set.set(range.charAt(0), range.charAt(1) + 1);
        }
        return set;
    }

    private static BitSet allBut(BitSet set) {
        BitSet others = (BitSet) set.clone();
        others.flip(0, CODE_POINTS);
        return others;
    }

    BitSet read() {
        return text.take("[") ? inBrackets() : text.take(".") ? allBut(LINE_ENDS) : single();
    }

    private BitSet inBrackets() {
        boolean negated = text.take("^");
        if (text.sees("]")) {
            throw text.refused("a class that begins with ]", "write it \\]");
        }
        BitSet set = new BitSet();
        while (!text.take("]")) {
            if (text.sees("&&") || text.sees("[:")) {
                throw text.refused(
                        text.sees("&&") ? "&& in a class" : "[: in a class",
                        "list the characters, with \\ before those that are meant");
            }
            BitSet from = single();
            if (text.sees("-") && !text.sees("-]")) {
                text.take("-");
                BitSet to = single();
                if (from.cardinality() != 1
                        || to.cardinality() != 1
                        || from.length() > to.length()) {
                    throw text.refused(
                            "a range whose ends are not two characters in order",
                            "write - as \\- if it stands for itself");
                }
                from.set(from.length(), to.length());
            }
            set.or(from);
        }
        return negated ? allBut(set) : set;
    }

    /** A character or an escape. */
    private BitSet single() {
        BitSet set = new BitSet();
        int c = text.next();
        if (c != '\\') {
            set.set(c);
            return set;
        }
        int escaped = text.next();
        switch (escaped) {
            case 'd' -> set.or(DIGITS);
            case 'w' -> set.or(WORD);
            case 's' -> set.or(SPACE);
            case 'D' -> set = allBut(DIGITS);
            case 'W' -> set = allBut(WORD);
            case 'S' -> set = allBut(SPACE);
            case 'n' -> set.set('\n');
            case 't' -> set.set('\t');
            case 'r' -> set.set('\r');
            case 'f' -> set.set('\f');
            case 'v' -> set.set(0x0B);
            case 'p' -> set.or(UnicodeProperties.read(text));
            case 'P' -> set = allBut(UnicodeProperties.read(text));
            case 'x' -> set.set(text.hex(2));
            case 'u' -> set.set(utf16());
            default -> {
                if (Character.isLetterOrDigit(escaped)) {
                    throw text.refused(
                            "\\" + Character.toString(escaped),
                            "list the characters that it means");
                }
                set.set(escaped);
            }
        }
        return set;
    }

    /** Two escapes may make one character. */
    private int utf16() {
        int first = text.hex(4);
        if (Character.isBmpCodePoint(first)
                && Character.isHighSurrogate((char) first)
                && text.take("\\u")) {
            return Character.toCodePoint((char) first, (char) text.hex(4));
        }
        return first;
    }
}
