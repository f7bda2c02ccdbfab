package io.djlnpu.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** Python's strings, which count in code points, and its notions of space, line and word. */
final class Texts {

    private Texts() {}

    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** The UTF-16 place of a code point. */
    static int offset(String text, int codePoints) {
        return text.length() == length(text) ? codePoints : text.offsetByCodePoints(0, codePoints);
    }

    static String sub(String text, int from, int to) {
        return from >= to ? "" : text.substring(offset(text, from), offset(text, to));
    }

    static List<Value> characters(String text) {
        List<Value> all = new ArrayList<>(text.length());
        text.codePoints().forEach(c -> all.add(Value.Text.of(Character.toString(c))));
        return all;
    }

    /** Python's {@code str.isspace} of one character. */
    static boolean isSpace(int c) {
        return c >= 0x09 && c <= 0x0d
                || c >= 0x1c && c <= 0x20
                || c == 0x85
                || c == 0xa0
                || c == 0x1680
                || c >= 0x2000 && c <= 0x200a
                || c == 0x2028
                || c == 0x2029
                || c == 0x202f
                || c == 0x205f
                || c == 0x3000;
    }

    /**
     * Strips both ends.
     *
     * @param characters which ones; null for space
     */
    static String strip(String text, String characters) {
        return stripRight(stripLeft(text, characters), characters);
    }

    static String stripLeft(String text, String characters) {
        IntPredicate stripped = among(characters);
        int at = 0;
        while (at < text.length() && stripped.test(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        return text.substring(at);
    }

    static String stripRight(String text, String characters) {
        IntPredicate stripped = among(characters);
        int at = text.length();
        while (at > 0 && stripped.test(text.codePointBefore(at))) {
            at -= Character.charCount(text.codePointBefore(at));
        }
        return text.substring(0, at);
    }

    private static IntPredicate among(String characters) {
        return characters == null ? Texts::isSpace : c -> characters.indexOf(c) >= 0;
    }

    /** Python's {@code str.splitlines}. */
    static List<String> lines(String text, boolean keepEnds) {
        List<String> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            if ("\n\r\u000b\f\u001c\u001d\u001e\u0085\u2028\u2029".indexOf(text.charAt(i)) < 0) {
                continue;
            }
            boolean pair = text.startsWith("\r\n", i);
            int end = i + (pair ? 2 : 1);
            lines.add(text.substring(from, keepEnds ? end : i));
            from = end;
            i = end - 1;
        }
        if (from < text.length()) {
            lines.add(text.substring(from));
        }
        return lines;
    }

    /** Splits at runs of space, at most so often from the left. */
    static List<String> words(String text, int most) {
        List<String> words = new ArrayList<>();
        String rest = stripLeft(text, null);
        while (!rest.isEmpty()) {
            int end = 0;
            while (end < rest.length() && !isSpace(rest.charAt(end))) {
                end++;
            }
            if (words.size() == most) {
                words.add(stripRight(rest, null));
                return words;
            }
            words.add(rest.substring(0, end));
            rest = stripLeft(rest.substring(end), null);
        }
        return words;
    }

    /** Splits at runs of space, at most so often from the right. */
    static List<String> wordsFromRight(String text, int most) {
        List<String> words = new ArrayList<>();
        String rest = stripRight(text, null);
        while (!rest.isEmpty()) {
            int start = rest.length();
            while (start > 0 && !isSpace(rest.charAt(start - 1))) {
                start--;
            }
            if (words.size() == most) {
                words.addFirst(stripLeft(rest, null));
                return words;
            }
            words.addFirst(rest.substring(start));
            rest = stripRight(rest.substring(0, start), null);
        }
        return words;
    }

    static List<String> split(String text, String separator, int most) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator);
                at >= 0 && parts.size() != most;
                at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    static List<String> splitFromRight(String text, String separator, int most) {
        List<String> parts = new ArrayList<>();
        int to = text.length();
        for (int at = text.lastIndexOf(separator);
                at >= 0 && parts.size() != most;
                at = to == 0 ? -1 : text.lastIndexOf(separator, to - separator.length())) {
            parts.addFirst(text.substring(at + separator.length(), to));
            to = at;
            if (to < separator.length()) {
                break;
            }
        }
        parts.addFirst(text.substring(0, to));
        return parts;
    }

    static int count(String text, String part) {
        if (part.isEmpty()) {
            return length(text) + 1;
        }
        int count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    /** Replaces from the left; all if the number is negative. */
    static String replace(String text, String old, String by, long most) {
        long left = most < 0 ? Long.MAX_VALUE : most;
        StringBuilder result = new StringBuilder();
        int from = 0;
        if (old.isEmpty()) {
            while (left-- > 0) {
                result.append(by);
                if (from == text.length()) {
                    return result.toString();
                }
                result.appendCodePoint(text.codePointAt(from));
                from += Character.charCount(text.codePointAt(from));
            }
            return result.append(text.substring(from)).toString();
        }
        for (int at = text.indexOf(old); at >= 0 && left-- > 0; at = text.indexOf(old, from)) {
            result.append(text, from, at).append(by);
            from = at + old.length();
        }
        return from == 0 && result.isEmpty()
                ? text
                : result.append(text, from, text.length()).toString();
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        return titleOf(first) + lower(text.substring(Character.charCount(first)));
    }

    /** Python's {@code str.title}: a letter after a letter is lower, any other is title case. */
    static String title(String text) {
        StringBuilder result = new StringBuilder();
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            String one = Character.toString(c);
            result.append(inWord ? lower(one) : titleOf(c));
            inWord = isCased(c);
        }
        return result.toString();
    }

    private static String titleOf(int c) {
        int title = Character.toTitleCase(c);
        String upper = upper(Character.toString(c));
        if (title != c || upper.codePointCount(0, upper.length()) == 1) {
            return Character.toString(title);
        }
        int first = upper.codePointAt(0);
        return Character.toString(first) + lower(upper.substring(Character.charCount(first)));
    }

    static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    static String swapCase(String text) {
        StringBuilder result = new StringBuilder();
        text.codePoints()
                .mapToObj(
                        c ->
                                Character.isUpperCase(c)
                                        ? lower(Character.toString(c))
                                        : Character.isLowerCase(c)
                                                ? upper(Character.toString(c))
                                                : Character.toString(c))
                .forEach(result::append);
        return result.toString();
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Texts::isCased)
                && text.codePoints()
                        .noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Texts::isCased)
                && text.codePoints()
                        .noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    static boolean isTitle(String text) {
        boolean inWord = false;
        boolean any = false;
        for (int c : text.codePoints().toArray()) {
            boolean upper = Character.isUpperCase(c) || Character.isTitleCase(c);
            if (upper && inWord || Character.isLowerCase(c) && !inWord) {
                return false;
            }
            inWord = isCased(c);
            any |= inWord;
        }
        return any;
    }

    static boolean all(String text, IntPredicate test) {
        return !text.isEmpty() && text.codePoints().allMatch(test);
    }

    /** HTML's characters, as markupsafe escapes them. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    /** Python's {@code repr} of a string. */
    static String quote(String text) {
        char mark = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder quoted = new StringBuilder().append(mark);
        text.codePoints().forEach(c -> quote(quoted, c, mark));
        return quoted.append(mark).toString();
    }

    private static void quote(StringBuilder quoted, int c, char mark) {
        switch (c) {
            case '\\' -> quoted.append("\\\\");
            case '\n' -> quoted.append("\\n");
            case '\r' -> quoted.append("\\r");
            case '\t' -> quoted.append("\\t");
            default -> {
                if (c == mark) {
                    quoted.append('\\').append(mark);
                } else if (isPrintable(c)) {
                    quoted.appendCodePoint(c);
                } else {
                    quoted.append(
                            c < 0x100
                                    ? "\\x%02x".formatted(c)
                                    : c < 0x10000
                                            ? "\\u%04x".formatted(c)
                                            : "\\U%08x".formatted(c));
                }
            }
        }
    }

    /** Python's {@code str.isprintable} of one character. */
    static boolean isPrintable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR ->
                            false;
                    default -> true;
                };
    }

    /** Less than, by code points. */
    static int compare(String left, String right) {
        int at = 0;
        while (at < left.length() && at < right.length()) {
            if (left.charAt(at) != right.charAt(at)) {
                char a = left.charAt(at);
                char b = right.charAt(at);
                boolean apart = Character.isSurrogate(a) != Character.isSurrogate(b);
                return apart ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b);
            }
            at++;
        }
        return Integer.compare(left.length(), right.length());
    }
}
