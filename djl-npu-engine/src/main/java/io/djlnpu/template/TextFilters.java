package io.djlnpu.template;

import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.None;
import io.djlnpu.template.Value.Text;
import io.djlnpu.template.Value.Undefined;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Filters of texts. Most take any value, as it prints. */
final class TextFilters {

    static final Set<String> NAMES =
            Set.of(
                    "capitalize",
                    "center",
                    "e",
                    "escape",
                    "forceescape",
                    "format",
                    "indent",
                    "lower",
                    "replace",
                    "safe",
                    "title",
                    "trim",
                    "truncate",
                    "upper",
                    "urlencode",
                    "wordcount",
                    "xmlattr");

    private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

    private final Budget budget;
    private final TextMethods methods;

    TextFilters(Attributes attributes, Budget budget) {
        this.budget = budget;
        methods = new TextMethods(budget, attributes);
    }

    Value apply(String name, Value value, Arguments arguments) {
        return switch (name) {
            case "capitalize" -> {
                arguments.bind(name, 0);
                Text text = text(value);
                yield text.like(Texts.capitalize(text.string()));
            }
            case "lower" -> {
                arguments.bind(name, 0);
                Text text = text(value);
                yield text.like(Texts.lower(text.string()));
            }
            case "upper" -> {
                arguments.bind(name, 0);
                Text text = text(value);
                yield text.like(Texts.upper(text.string()));
            }
            case "title" -> {
                arguments.bind(name, 0);
                yield Text.of(title(text(value).string()));
            }
            case "trim" -> {
                Value given = arguments.bind(name, 0, "chars")[0];
                Text text = text(value);
                boolean space = given == null || given == None.NONE;
                yield text.like(
                        Texts.strip(text.string(), space ? null : Types.text(given, "trim")));
            }
            case "center" -> {
                Value[] bound = arguments.bind(name, 0, "width");
                int width = bound[0] == null ? 80 : Types.integer(bound[0], name);
                Text text = text(value);
                yield text.like(methods.pad(text.string(), name, width, " "));
            }
            case "e", "escape" -> {
                arguments.bind(name, 0);
                Text text = text(value);
                yield text.markup() ? text : escaped(text.string());
            }
            case "forceescape" -> {
                arguments.bind(name, 0);
                yield escaped(text(value).string());
            }
            case "safe" -> {
                arguments.bind(name, 0);
                yield new Text(text(value).string(), true);
            }
            case "format" -> format(text(value), arguments);
            case "indent" -> indent(value, arguments);
            case "replace" -> replace(value, arguments);
            case "truncate" -> truncate(value, arguments);
            case "urlencode" -> {
                arguments.bind(name, 0);
                yield Text.of(urlEncode(value));
            }
            case "wordcount" -> {
                arguments.bind(name, 0);
                String string = text(value).string();
                budget.work(string.length() >> 3);
                yield Int.of(WORD.matcher(string).results().count());
            }
            case "xmlattr" -> xmlAttributes(value, arguments);
            default -> throw new IllegalStateException(name);
        };
    }

    private Text text(Value value) {
        Text text = value instanceof Text given ? given : Text.of(Printer.str(value, budget));
        budget.text(text.string().length());
        return text;
    }

    private static Text escaped(String text) {
        return new Text(Texts.escape(text), true);
    }

    /** Jinja2's own: a word begins behind space, a hyphen or an opening bracket. */
    private static String title(String text) {
        StringBuilder result = new StringBuilder();
        StringBuilder rest = new StringBuilder();
        boolean first = true;
        boolean between = false;
        for (int c : text.codePoints().toArray()) {
            boolean separator = Texts.isSpace(c) || "-({[<".indexOf(c) >= 0;
            if (first || separator != between) {
                result.append(Texts.lower(rest.toString()));
                rest.setLength(0);
                result.append(Texts.upper(Character.toString(c)));
            } else {
                rest.appendCodePoint(c);
            }
            between = separator;
            first = false;
        }
        return result.append(Texts.lower(rest.toString())).toString();
    }

    private Value format(Text format, Arguments arguments) {
        if (!arguments.positional().isEmpty() && !arguments.named().isEmpty()) {
            throw TemplateException.value("format: values with and without names");
        }
        Map<Value, Value> named = new LinkedHashMap<>();
        arguments.named().forEach((name, value) -> named.put(Text.of(name), value));
        Value values =
                named.isEmpty()
                        ? new Items(arguments.positional(), Value.Kind.TUPLE)
                        : new Dict(named);
        return format.like(new PercentFormat(format, values, budget).format());
    }

    private Value indent(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("indent", 0, "width", "first", "blank");
        if (value instanceof Undefined undefined) {
            throw undefined.used();
        }
        String string = Types.text(value, "indent");
        String indent =
                switch (bound[0]) {
                    case null -> "    ";
                    case Text text -> text.string();
                    case Value width -> {
                        int count = Math.max(0, Types.integer(width, "indent"));
                        budget.text(count);
                        yield " ".repeat(count);
                    }
                };
        boolean first = bound[1] != null && Sequences.isTrue(bound[1]);
        boolean blank = bound[2] != null && Sequences.isTrue(bound[2]);
        List<String> lines = Texts.lines(string + "\n", false);
        budget.text(string.length() + (long) indent.length() * lines.size());
        List<String> indented = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            boolean moved = i > 0 && (blank || !lines.get(i).isEmpty());
            indented.add(moved ? indent + lines.get(i) : lines.get(i));
        }
        return ((Text) value).like((first ? indent : "") + String.join("\n", indented));
    }

    private Value replace(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("replace", 2, "old", "new", "count");
        boolean all = bound[2] == null || bound[2] == None.NONE;
        return Text.of(
                methods.replaced(
                        text(value).string(),
                        Printer.str(bound[0], budget),
                        Printer.str(bound[1], budget),
                        all ? -1 : Types.integer(bound[2], "replace")));
    }

    private Value truncate(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
        int length = bound[0] == null ? 255 : Types.integer(bound[0], "truncate");
        boolean kill = bound[1] != null && Sequences.isTrue(bound[1]);
        String end = bound[2] == null ? "..." : Types.text(bound[2], "truncate");
        boolean usual = bound[3] == null || bound[3] == None.NONE;
        int leeway = usual ? 5 : Types.integer(bound[3], "truncate");
        int kept = length - Texts.length(end);
        if (kept < 0 || leeway < 0) {
            throw TemplateException.value("truncate: a length below that of its end");
        }
        if (Sequences.length(value) <= (long) length + leeway) {
            return value;
        }
        String string = Types.text(value, "truncate");
        String cut = Texts.sub(string, 0, kept);
        return Text.of((kill ? cut : Texts.splitFromRight(cut, " ", 1).getFirst()) + end);
    }

    private String urlEncode(Value value) {
        if (value instanceof Text || Sequences.iteratorOrNull(value, budget) == null) {
            return quoted(Printer.str(value, budget), "/");
        }
        Value pairs =
                value instanceof Dict dict ? new Value.View(Value.View.Of.ITEMS, dict) : value;
        List<String> parts = new ArrayList<>();
        Iterator<Value> each = Sequences.iterator(pairs, budget);
        while (each.hasNext()) {
            List<Value> pair = Sequences.list(each.next(), budget);
            if (pair.size() != 2) {
                throw TemplateException.value("urlencode: an element that is no pair");
            }
            parts.add(
                    pair.stream()
                            .map(v -> quoted(Printer.str(v, budget), "").replace("%20", "+"))
                            .collect(Collectors.joining("=")));
        }
        return String.join("&", parts);
    }

    private String quoted(String text, String safe) {
        budget.text(text.length() * 3L);
        StringBuilder quoted = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            boolean kept =
                    b > 0 && (Character.isLetterOrDigit(b) || ("_.-~" + safe).indexOf(b) >= 0);
            quoted.append(kept ? Character.toString(b) : "%%%02X".formatted(b & 0xff));
        }
        return quoted.toString();
    }

    private Value xmlAttributes(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("xmlattr", 0, "autospace");
        if (!(value instanceof Dict dict)) {
            throw TemplateException.value("xmlattr: a " + Types.name(value));
        }
        StringBuilder written = new StringBuilder();
        dict.map()
                .forEach(
                        (key, of) -> {
                            if (of == None.NONE || of instanceof Undefined) {
                                return;
                            }
                            String name = Types.text(key, "xmlattr");
                            if (name.matches("(?s).*[ \t\n\r\f\u000b/>=].*")) {
                                throw TemplateException.value("xmlattr: no name: " + name);
                            }
                            String text = Printer.str(of, budget);
                            boolean safe = of instanceof Text given && given.markup();
                            written.append(written.isEmpty() ? "" : " ")
                                    .append(Texts.escape(name))
                                    .append("=\"")
                                    .append(safe ? text : Texts.escape(text))
                                    .append('"');
                        });
        boolean space = bound[0] == null || Sequences.isTrue(bound[0]);
        return Text.of((space && !written.isEmpty() ? " " : "") + written);
    }
}
