package io.djlnpu.template;

import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Function;
import io.djlnpu.template.Value.Namespace;
import io.djlnpu.template.Value.Range;
import io.djlnpu.template.Value.Text;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template has. */
final class Globals {

    private static final int MAX_RANGE = 100_000;

    private Globals() {}

    static Map<String, Value> all(Budget budget, Clock clock) {
        return Map.of(
                "range",
                new Function("range", Globals::range),
                "dict",
                new Function("dict", arguments -> new Dict(dict(arguments, budget))),
                "namespace",
                new Function("namespace", arguments -> namespace(arguments, budget)),
                "cycler",
                new Function("cycler", Globals::cycler),
                "joiner",
                new Function("joiner", Globals::joiner),
                "lipsum",
                Attributes.unavailable("lipsum"),
                "raise_exception",
                new Function(
                        "raise_exception",
                        arguments -> {
                            Value message = arguments.bind("raise_exception", 1, "message")[0];
                            throw Interpreter.raised(Printer.str(message, budget));
                        }),
                "strftime_now",
                new Function(
                        "strftime_now",
                        arguments -> {
                            Value format = arguments.bind("strftime_now", 1, "format")[0];
                            return Text.of(
                                    Strftime.format(
                                            Types.text(format, "strftime_now()"),
                                            ZonedDateTime.now(clock)));
                        }));
    }

    private static Value range(Arguments arguments) {
        Value[] bound = arguments.bindUnnamed("range", 1, 3);
        int first = Types.integer(bound[0], "range()");
        int start = bound[1] == null ? 0 : first;
        int stop = bound[1] == null ? first : Types.integer(bound[1], "range()");
        int step = bound[2] == null ? 1 : Types.integer(bound[2], "range()");
        if (step == 0) {
            throw TemplateException.value("range(): the step is zero");
        }
        Range range = new Range(start, stop, step);
        if (range.length() > MAX_RANGE) {
            throw new TemplateException(
                    TemplateException.Kind.LIMIT,
                    0,
                    "a range of %d, the most allowed are %d".formatted(range.length(), MAX_RANGE));
        }
        return range;
    }

    private static Map<Value, Value> dict(Arguments arguments, Budget budget) {
        Map<Value, Value> map = new LinkedHashMap<>();
        if (arguments.positional().size() > 1) {
            throw TemplateException.value("dict() takes one argument beside those with names");
        }
        for (Value from : arguments.positional()) {
            if (from instanceof Dict dict) {
                budget.items(dict.map().size());
                map.putAll(dict.map());
                continue;
            }
            Iterator<Value> pairs = Sequences.iterator(from, budget);
            while (pairs.hasNext()) {
                List<Value> pair = Sequences.list(pairs.next(), budget);
                if (pair.size() != 2) {
                    throw TemplateException.value("dict(): an element that is no pair");
                }
                budget.items(1);
                map.put(Types.hashable(pair.get(0)), pair.get(1));
            }
        }
        arguments.named().forEach((name, value) -> map.put(Text.of(name), value));
        return map;
    }

    private static Value namespace(Arguments arguments, Budget budget) {
        Map<String, Value> attributes = new LinkedHashMap<>();
        dict(arguments, budget)
                .forEach((name, value) -> attributes.put(Types.text(name, "namespace()"), value));
        return new Namespace(attributes);
    }

    private static Value cycler(Arguments arguments) {
        if (arguments.positional().isEmpty() || !arguments.named().isEmpty()) {
            throw TemplateException.value("cycler() needs at least one value, without a name");
        }
        return new Value.Cycler(arguments.positional());
    }

    private static Value joiner(Arguments arguments) {
        Value[] bound = arguments.bind("joiner", 0, "sep");
        boolean[] used = new boolean[1];
        return new Function(
                "joiner",
                more -> {
                    more.bindUnnamed("joiner", 0, 0);
                    Value separator = bound[0] == null ? Text.of(", ") : bound[0];
                    Value now = used[0] ? separator : Text.EMPTY;
                    used[0] = true;
                    return now;
                });
    }
}
