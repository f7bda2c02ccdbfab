package io.djlnpu.template;

import io.djlnpu.template.TemplateException.Kind;
import io.djlnpu.template.Token.Type;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Real;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens. Space around tags goes as Jinja2's {@code trim_blocks} and {@code
 * lstrip_blocks} say: the line break behind a block or comment, and the space before one that
 * begins its line; {@code -} takes all space on its side, {@code +} keeps it. One line break at the
 * end of the template goes too.
 */
final class Lexer {

    private static final int MAX_TOKENS = 500_000;

    private static final Pattern SPACE = Pattern.compile("[" + spaces() + "]+");
    private static final Pattern FLOAT =
            Pattern.compile(
                    "(?<!\\.)(?:\\d+_)*+\\d++(?:(?:\\.(?:\\d+_)*+\\d++)?[eE][+-]?(?:\\d+_)*+\\d++"
                            + "|\\.(?:\\d+_)*+\\d++)");
    private static final Pattern INTEGER =
            Pattern.compile(
                    "0[bB](?:_?[01])++|0[oO](?:_?[0-7])++|0[xX](?:_?[0-9a-fA-F])++"
                            + "|[1-9](?:_?\\d)*+|0(?:_?0)*+");
    private static final Pattern NAME = Pattern.compile("(?U)\\w++");
    private static final Pattern OPERATOR =
            Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+*/%~\\[\\](){}<>=.:|,;]");
    private static final Pattern RAW =
            Pattern.compile("\\{%[-+]?" + space() + "raw" + space() + "(?:-%}" + space() + "|%})");
    private static final Pattern END_RAW =
            Pattern.compile(
                    "\\{%([-+]?)"
                            + space()
                            + "endraw"
                            + space()
                            + "(?:\\+%}|-%}"
                            + space()
                            + "|%}\n?)");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<Character> open = new ArrayDeque<>();
    private int at;
    private int line = 1;
    private boolean lineStarts = true;

    private Lexer(String source) {
        String normal = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = normal.endsWith("\n") ? normal.substring(0, normal.length() - 1) : normal;
    }

    private static String spaces() {
        return "\\x09-\\x0d\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f"
                + "\\u3000";
    }

    private static String space() {
        return "[" + spaces() + "]*+";
    }

    /** Returns the tokens; the last one is {@link Type#END}. */
    static List<Token> read(String source) {
        Lexer lexer = new Lexer(source);
        while (lexer.at < lexer.source.length()) {
            lexer.dataAndTag();
        }
        lexer.add(Type.END, "", null);
        return lexer.tokens;
    }

    private void add(Type type, String text, Value value) {
        if (tokens.size() >= MAX_TOKENS) {
            throw new TemplateException(
                    Kind.LIMIT, line, "a template of more than " + MAX_TOKENS + " tokens");
        }
        tokens.add(new Token(type, text, value, line));
    }

    private TemplateException wrong(String reason) {
        return new TemplateException(Kind.SYNTAX, line, reason);
    }

    private void moveTo(int end) {
        line += (int) source.substring(at, end).chars().filter(c -> c == '\n').count();
        lineStarts = end > at ? source.charAt(end - 1) == '\n' : lineStarts;
        at = end;
    }

    private char charAt(int index) {
        return index < source.length() ? source.charAt(index) : '\0';
    }

    private void dataAndTag() {
        int tag = nextTag();
        if (tag < 0) {
            data(source.substring(at), 0, false);
            moveTo(source.length());
            return;
        }
        char sign = charAt(tag + 2);
        boolean variable = source.charAt(tag + 1) == '{';
        data(source.substring(at, tag), sign, !variable);
        Matcher raw = RAW.matcher(source).region(tag, source.length());
        if (raw.lookingAt()) {
            moveTo(tag);
            moveTo(raw.end());
            raw();
            return;
        }
        moveTo(tag);
        moveTo(tag + (sign == '-' || sign == '+' ? 3 : 2));
        switch (source.charAt(tag + 1)) {
            case '#' -> comment();
            case '{' -> inTag(Type.VARIABLE_BEGIN, Type.VARIABLE_END, "}}");
            default -> inTag(Type.BLOCK_BEGIN, Type.BLOCK_END, "%}");
        }
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0; i = source.indexOf('{', i + 1)) {
            char next = charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    /** Adds text before a tag, without the space that the tag takes. */
    private void data(String text, int sign, boolean mayStrip) {
        String kept = text;
        if (sign == '-') {
            kept = Texts.stripRight(text, null);
        } else if (sign != '+' && mayStrip) {
            int lineStart = text.lastIndexOf('\n') + 1;
            if ((lineStart > 0 || lineStarts)
                    && Texts.stripLeft(text.substring(lineStart), null).isEmpty()) {
                kept = text.substring(0, lineStart);
            }
        }
        if (!kept.isEmpty()) {
            add(Type.DATA, kept, null);
        }
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw wrong("a comment without its end '#}'");
        }
        // The sign belongs to the comment's end only if it is not its beginning's as well.
        char sign = end > at ? source.charAt(end - 1) : ' ';
        moveTo(afterTag(end + 2, sign, true));
    }

    /** Skips what a tag takes behind itself. */
    private int afterTag(int end, char sign, boolean trims) {
        if (sign == '-') {
            Matcher space = SPACE.matcher(source).region(end, source.length());
            return space.lookingAt() ? space.end() : end;
        }
        return trims && sign != '+' && charAt(end) == '\n' ? end + 1 : end;
    }

    private void raw() {
        Matcher end = END_RAW.matcher(source);
        if (!end.find(at)) {
            throw wrong("'raw' without its 'endraw'");
        }
        String sign = end.group(1);
        data(source.substring(at, end.start()), sign.isEmpty() ? 0 : sign.charAt(0), true);
        moveTo(end.end());
    }

    private void inTag(Type begin, Type end, String mark) {
        add(begin, "", null);
        boolean block = end == Type.BLOCK_END;
        while (true) {
            if (at >= source.length()) {
                throw wrong("a tag without its end '" + mark + "'");
            }
            char sign = charAt(at);
            boolean signed = sign == '-' || block && sign == '+';
            if (open.isEmpty() && source.startsWith(mark, signed ? at + 1 : at)) {
                add(end, "", null);
                int after = at + mark.length() + (signed ? 1 : 0);
                moveTo(afterTag(after, signed ? sign : ' ', block));
                return;
            }
            token();
        }
    }

    private void token() {
        if (matches(SPACE) instanceof String space) {
            moveTo(at + space.length());
        } else if (matches(FLOAT) instanceof String number) {
            add(Type.FLOAT, number, new Real(Double.parseDouble(number.replace("_", ""))));
            moveTo(at + number.length());
        } else if (matches(INTEGER) instanceof String number) {
            add(Type.INTEGER, number, new Int(integer(number)));
            moveTo(at + number.length());
        } else if (matches(NAME) instanceof String name) {
            if (!Character.isUnicodeIdentifierStart(name.codePointAt(0)) && name.charAt(0) != '_') {
                throw wrong("'" + name + "' is no name");
            }
            add(Type.NAME, name, null);
            moveTo(at + name.length());
        } else if (charAt(at) == '\'' || charAt(at) == '"') {
            string();
        } else if (matches(OPERATOR) instanceof String operator) {
            balance(operator);
            add(Type.OPERATOR, operator, null);
            moveTo(at + operator.length());
        } else {
            throw wrong("unexpected '" + Character.toString(source.codePointAt(at)) + "'");
        }
    }

    private String matches(Pattern pattern) {
        Matcher matcher =
                pattern.matcher(source).region(at, source.length()).useTransparentBounds(true);
        return matcher.lookingAt() ? matcher.group() : null;
    }

    private BigInteger integer(String number) {
        if (number.length() > 4_300) {
            throw wrong("an integer of more than 4300 digits");
        }
        String digits = number.replace("_", "").toLowerCase(Locale.ROOT);
        return switch (digits.length() > 1 ? digits.charAt(1) : ' ') {
            case 'x' -> new BigInteger(digits.substring(2), 16);
            case 'o' -> new BigInteger(digits.substring(2), 8);
            case 'b' -> new BigInteger(digits.substring(2), 2);
            default -> new BigInteger(digits);
        };
    }

    private void balance(String operator) {
        switch (operator) {
            case "(" -> open.push(')');
            case "[" -> open.push(']');
            case "{" -> open.push('}');
            case ")", "]", "}" -> {
                if (open.isEmpty() || open.pop() != operator.charAt(0)) {
                    throw wrong("unexpected '" + operator + "'");
                }
            }
            default -> {}
        }
    }

    private void string() {
        char mark = charAt(at);
        int end = at + 1;
        while (end < source.length() && source.charAt(end) != mark) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw wrong("a string without its end");
        }
        String written = source.substring(at + 1, end);
        try {
            add(Type.STRING, Escapes.read(written), null);
        } catch (TemplateException e) {
            throw wrong(e.reason());
        }
        moveTo(end + 1);
    }
}
