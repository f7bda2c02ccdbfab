package io.djlnpu.template;

import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.Function;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.None;
import io.djlnpu.template.Value.Text;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** The methods of Python's strings. */
final class TextMethods {

    private static final Set<String> NAMES =
            Set.of(
                    "capitalize",
                    "casefold",
                    "center",
                    "count",
                    "endswith",
                    "expandtabs",
                    "find",
                    "format",
                    "format_map",
                    "index",
                    "isalnum",
                    "isalpha",
                    "isascii",
                    "isdecimal",
                    "isdigit",
                    "isidentifier",
                    "islower",
                    "isnumeric",
                    "isprintable",
                    "isspace",
                    "istitle",
                    "isupper",
                    "join",
                    "ljust",
                    "lower",
                    "lstrip",
                    "partition",
                    "removeprefix",
                    "removesuffix",
                    "replace",
                    "rfind",
                    "rindex",
                    "rjust",
                    "rpartition",
                    "rsplit",
                    "rstrip",
                    "split",
                    "splitlines",
                    "startswith",
                    "strip",
                    "swapcase",
                    "title",
                    "upper",
                    "zfill");
    private static final Set<String> MISSING = Set.of("encode", "maketrans", "translate");

    private final Budget budget;
    private final Attributes attributes;

    TextMethods(Budget budget, Attributes attributes) {
        this.budget = budget;
        this.attributes = attributes;
    }

    /** A method bound to its text; null if there is none of that name. */
    Function method(Text text, String name) {
        if (MISSING.contains(name)) {
            return Attributes.unavailable(name);
        }
        return NAMES.contains(name)
                ? new Function(
                        name,
                        arguments -> {
                            budget.text(text.string().length() >> 2);
                            return call(text, name, arguments);
                        })
                : null;
    }

    private Value call(Text text, String name, Arguments arguments) {
        String string = text.string();
        return switch (name) {
            case "capitalize" -> text.like(Texts.capitalize(none(string, name, arguments)));
            case "casefold" -> text.like(caseFold(none(string, name, arguments)));
            case "lower" -> text.like(Texts.lower(none(string, name, arguments)));
            case "upper" -> text.like(Texts.upper(none(string, name, arguments)));
            case "title" -> text.like(Texts.title(none(string, name, arguments)));
            case "swapcase" -> text.like(Texts.swapCase(none(string, name, arguments)));
            case "strip" -> text.like(Texts.strip(string, characters(name, arguments)));
            case "lstrip" -> text.like(Texts.stripLeft(string, characters(name, arguments)));
            case "rstrip" -> text.like(Texts.stripRight(string, characters(name, arguments)));
            case "center", "ljust", "rjust" -> text.like(pad(string, name, arguments));
            case "zfill" -> text.like(zeroFill(string, arguments));
            case "expandtabs" -> text.like(expandTabs(string, arguments));
            case "split", "rsplit" -> split(text, name, arguments);
            case "splitlines" -> {
                Value[] bound = arguments.bind(name, 0, "keepends");
                boolean keep = bound[0] != null && Sequences.isTrue(bound[0]);
                yield list(text, Texts.lines(string, keep));
            }
            case "partition", "rpartition" -> partition(text, name, arguments);
            case "startswith", "endswith" -> Bool.of(atEnd(string, name, arguments));
            case "removeprefix" -> {
                String part = Types.text(arguments.bindUnnamed(name, 1, 1)[0], name + "()");
                yield text.like(string.startsWith(part) ? string.substring(part.length()) : string);
            }
            case "removesuffix" -> {
                String part = Types.text(arguments.bindUnnamed(name, 1, 1)[0], name + "()");
                boolean ends = !part.isEmpty() && string.endsWith(part);
                yield text.like(
                        ends ? string.substring(0, string.length() - part.length()) : string);
            }
            case "replace" -> replace(text, arguments);
            case "find", "rfind" -> Int.of(find(string, name, arguments));
            case "index", "rindex" -> {
                int at = find(string, name, arguments);
                if (at < 0) {
                    throw TemplateException.value(name + "(): substring not found");
                }
                yield Int.of(at);
            }
            case "count" -> {
                Value[] bound = arguments.bindUnnamed(name, 1, 3);
                String part = Types.text(bound[0], name + "()");
                String within = within(string, bound[1], bound[2]);
                yield Int.of(within == null ? 0 : Texts.count(within, part));
            }
            case "join" -> join(text, arguments);
            case "format" ->
                    text.like(new BraceFormat(string, arguments, attributes, budget).format());
            case "format_map" -> {
                Value map = arguments.bindUnnamed(name, 1, 1)[0];
                yield text.like(BraceFormat.ofMap(string, map, attributes, budget).format());
            }
            default -> Bool.of(is(name, none(string, name, arguments)));
        };
    }

    private static boolean is(String name, String string) {
        return switch (name) {
            case "isalnum" -> Texts.all(string, c -> Character.isLetter(c) || isNumeric(c));
            case "isalpha" -> Texts.all(string, Character::isLetter);
            case "isascii" -> string.chars().allMatch(c -> c < 0x80);
            case "isdecimal" -> Texts.all(string, Character::isDigit);
            case "isdigit" -> Texts.all(string, TextMethods::isDigit);
            case "isnumeric" -> Texts.all(string, TextMethods::isNumeric);
            case "isidentifier" -> isIdentifier(string);
            case "islower" -> Texts.isLower(string);
            case "isupper" -> Texts.isUpper(string);
            case "istitle" -> Texts.isTitle(string);
            case "isprintable" -> string.codePoints().allMatch(Texts::isPrintable);
            case "isspace" -> Texts.all(string, Texts::isSpace);
            default -> throw new IllegalStateException(name);
        };
    }

    private static boolean isNumeric(int c) {
        return switch (Character.getType(c)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
                    true;
            default -> Character.getNumericValue(c) >= 0 && Character.isIdeographic(c);
        };
    }

    /** Superscripts and circled digits are digits to Python, fractions are not. */
    private static boolean isDigit(int c) {
        return Character.isDigit(c)
                || Character.getType(c) == Character.OTHER_NUMBER
                        && Character.getNumericValue(c) >= 0
                        && Character.getNumericValue(c) <= 9;
    }

    private static boolean isIdentifier(String string) {
        return !string.isEmpty()
                && (string.charAt(0) == '_'
                        || Character.isUnicodeIdentifierStart(string.codePointAt(0)))
                && string.codePoints()
                        .allMatch(c -> c == '_' || Character.isUnicodeIdentifierPart(c));
    }

    private static String none(String string, String name, Arguments arguments) {
        arguments.bindUnnamed(name, 0, 0);
        return string;
    }

    private static String caseFold(String string) {
        return Texts.lower(Texts.upper(Texts.lower(string)));
    }

    private static String characters(String name, Arguments arguments) {
        Value given = arguments.bindUnnamed(name, 0, 1)[0];
        return given == null || given == None.NONE ? null : Types.text(given, name + "()");
    }

    private String pad(String string, String name, Arguments arguments) {
        Value[] bound = arguments.bindUnnamed(name, 1, 2);
        String fill = bound[1] == null ? " " : Types.text(bound[1], name + "()");
        if (Texts.length(fill) != 1) {
            throw TemplateException.value(name + "(): not one character to fill with");
        }
        return pad(string, name, Types.integer(bound[0], name + "()"), fill);
    }

    /** Pads as {@code center}, {@code ljust} or {@code rjust} do. */
    String pad(String string, String how, int width, String fill) {
        int more = width - Texts.length(string);
        if (more <= 0) {
            return string;
        }
        budget.text((long) width);
        int left =
                switch (how) {
                    case "center" -> more / 2 + (more & width & 1);
                    case "rjust" -> more;
                    default -> 0;
                };
        return fill.repeat(left) + string + fill.repeat(more - left);
    }

    private String zeroFill(String string, Arguments arguments) {
        int width = Types.integer(arguments.bindUnnamed("zfill", 1, 1)[0], "zfill()");
        boolean signed = string.startsWith("-") || string.startsWith("+");
        String sign = signed ? string.substring(0, 1) : "";
        return sign + pad(string.substring(sign.length()), "rjust", width - sign.length(), "0");
    }

    private String expandTabs(String string, Arguments arguments) {
        Value[] bound = arguments.bind("expandtabs", 0, "tabsize");
        int size = bound[0] == null ? 8 : Types.integer(bound[0], "expandtabs()");
        budget.text(Math.max(0L, size) * Texts.count(string, "\t") + string.length());
        StringBuilder expanded = new StringBuilder();
        int column = 0;
        for (int c : string.codePoints().toArray()) {
            if (c == '\t') {
                int more = size > 0 ? size - column % size : 0;
                expanded.repeat(' ', more);
                column += more;
            } else {
                expanded.appendCodePoint(c);
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            }
        }
        return expanded.toString();
    }

    private Value list(Text like, List<String> parts) {
        budget.items(parts.size());
        return Items.list(parts.stream().map(part -> (Value) like.like(part)).toList());
    }

    private Value split(Text text, String name, Arguments arguments) {
        Value[] bound = arguments.bind(name, 0, "sep", "maxsplit");
        int most = bound[1] == null ? -1 : Types.integer(bound[1], name + "()");
        boolean left = name.equals("split");
        budget.text(text.string().length());
        if (bound[0] == null || bound[0] == None.NONE) {
            return list(
                    text,
                    left
                            ? Texts.words(text.string(), most)
                            : Texts.wordsFromRight(text.string(), most));
        }
        String separator = Types.text(bound[0], name + "()");
        if (separator.isEmpty()) {
            throw TemplateException.value(name + "(): empty separator");
        }
        return list(
                text,
                left
                        ? Texts.split(text.string(), separator, most)
                        : Texts.splitFromRight(text.string(), separator, most));
    }

    private static Value partition(Text text, String name, Arguments arguments) {
        String separator = Types.text(arguments.bindUnnamed(name, 1, 1)[0], name + "()");
        if (separator.isEmpty()) {
            throw TemplateException.value(name + "(): empty separator");
        }
        String string = text.string();
        boolean first = name.equals("partition");
        int at = first ? string.indexOf(separator) : string.lastIndexOf(separator);
        if (at < 0) {
            Value empty = text.like("");
            return first ? Items.tuple(text, empty, empty) : Items.tuple(empty, empty, text);
        }
        return Items.tuple(
                text.like(string.substring(0, at)),
                text.like(separator),
                text.like(string.substring(at + separator.length())));
    }

    /** The part between two places; null if it ends before it begins. */
    private String within(String string, Value start, Value stop) {
        if (start == null && stop == null) {
            return string;
        }
        int length = Texts.length(string);
        int from = place(start, 0, length);
        int to = place(stop, length, length);
        return from > to || from > length ? null : Texts.sub(string, from, Math.min(to, length));
    }

    private static int place(Value given, int absent, int length) {
        if (given == null || given == None.NONE) {
            return absent;
        }
        int at = Types.integer(given, "a place in a string");
        return at < 0 ? Math.max(0, at + length) : at;
    }

    private boolean atEnd(String string, String name, Arguments arguments) {
        Value[] bound = arguments.bindUnnamed(name, 1, 3);
        String within = within(string, bound[1], bound[2]);
        List<Value> sought =
                bound[0] instanceof Items items && items.isTuple()
                        ? items.list()
                        : List.of(bound[0]);
        for (Value part : sought) {
            String end = Types.text(part, name + "()");
            if (within != null
                    && (name.equals("startswith")
                            ? within.startsWith(end)
                            : within.endsWith(end))) {
                return true;
            }
        }
        return false;
    }

    private int find(String string, String name, Arguments arguments) {
        Value[] bound = arguments.bindUnnamed(name, 1, 3);
        String part = Types.text(bound[0], name + "()");
        String within = within(string, bound[1], bound[2]);
        if (within == null) {
            return -1;
        }
        int at = name.startsWith("r") ? within.lastIndexOf(part) : within.indexOf(part);
        return at < 0
                ? -1
                : within.codePointCount(0, at) + place(bound[1], 0, Texts.length(string));
    }

    private Value replace(Text text, Arguments arguments) {
        Value[] bound = arguments.bindUnnamed("replace", 2, 3);
        String old = Types.text(bound[0], "replace()");
        String by = Types.text(bound[1], "replace()");
        if (text.markup()) {
            by = bound[1] instanceof Text other && !other.markup() ? Texts.escape(by) : by;
        }
        int most = bound[2] == null ? -1 : Types.integer(bound[2], "replace()");
        return text.like(replaced(text.string(), old, by, most));
    }

    /** Replaces within the budget. */
    String replaced(String string, String old, String by, int most) {
        long times = Texts.count(string, old);
        times = most < 0 ? times : Math.min(times, most);
        budget.text(Math.max(0, string.length() + times * (by.length() - old.length())));
        return Texts.replace(string, old, by, most);
    }

    private Value join(Text text, Arguments arguments) {
        Value parts = arguments.bindUnnamed("join", 1, 1)[0];
        Iterator<Value> values = Sequences.iterator(parts, budget);
        StringBuilder joined = new StringBuilder();
        boolean first = true;
        while (values.hasNext()) {
            Value next = values.next();
            String part = Types.text(next, "join()");
            if (text.markup() && !((Text) next).markup()) {
                part = Texts.escape(part);
            }
            budget.text((long) part.length() + text.string().length());
            joined.append(first ? "" : text.string()).append(part);
            first = false;
        }
        return text.like(joined.toString());
    }
}
