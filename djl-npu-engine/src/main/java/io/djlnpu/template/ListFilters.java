package io.djlnpu.template;

import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.None;
import io.djlnpu.template.Value.Text;
import io.djlnpu.template.Value.Undefined;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Filters of sequences. Most make generators, which do their work when they are gone through. */
final class ListFilters {

    static final Set<String> NAMES =
            Set.of(
                    "batch",
                    "groupby",
                    "join",
                    "map",
                    "max",
                    "min",
                    "reject",
                    "rejectattr",
                    "select",
                    "selectattr",
                    "slice",
                    "sort",
                    "unique");

    private final Filters filters;
    private final Tests tests;
    private final Operators operators;
    private final Attributes attributes;
    private final Budget budget;

    ListFilters(
            Filters filters,
            Tests tests,
            Operators operators,
            Attributes attributes,
            Budget budget) {
        this.filters = filters;
        this.tests = tests;
        this.operators = operators;
        this.attributes = attributes;
        this.budget = budget;
    }

    Value apply(String name, Value value, Arguments arguments) {
        return switch (name) {
            case "batch" -> batch(value, arguments);
            case "groupby" -> groupBy(value, arguments);
            case "join" -> join(value, arguments);
            case "map" -> map(value, arguments);
            case "max", "min" -> best(name, value, arguments);
            case "select" -> select(name, value, arguments, false, true);
            case "reject" -> select(name, value, arguments, false, false);
            case "selectattr" -> select(name, value, arguments, true, true);
            case "rejectattr" -> select(name, value, arguments, true, false);
            case "slice" -> slice(value, arguments);
            case "sort" -> sort(value, arguments);
            case "unique" -> unique(value, arguments);
            default -> throw new IllegalStateException(name);
        };
    }

    private static boolean isGiven(Value value) {
        return value != null && value != None.NONE;
    }

    private static boolean isTrue(Value value) {
        return value != null && Sequences.isTrue(value);
    }

    /** What a value sorts as: texts without their case, unless that matters. */
    static Value key(Value value, boolean caseSensitive) {
        return value instanceof Text text && !caseSensitive
                ? text.like(Texts.lower(text.string()))
                : value;
    }

    /**
     * Follows a path such as {@code function.name} or {@code 0.name}.
     *
     * @param absent what stands for an undefined value, or null
     */
    Value attribute(Value value, Value path, Value absent) {
        Value found = value;
        for (Value part : parts(path)) {
            found = attributes.item(found, part);
            if (isGiven(absent) && found instanceof Undefined) {
                found = absent;
            }
        }
        return found;
    }

    private static List<Value> parts(Value path) {
        if (!isGiven(path)) {
            return List.of();
        }
        if (!(path instanceof Text text)) {
            return List.of(path);
        }
        List<Value> parts = new ArrayList<>();
        for (String part : Texts.split(text.string(), ".", -1)) {
            parts.add(part.matches("\\d{1,9}") ? new Int(new BigInteger(part)) : Text.of(part));
        }
        return parts;
    }

    private Value generator(Value source, UnaryOperator<Value> each) {
        Iterator<Value> made =
                Sequences.isTrue(source)
                        ? new Lazy(new Mapped(source, each))
                        : List.<Value>of().iterator();
        return new Value.Stream("generator", made);
    }

    /** What a function makes of each value of a source, without those of which it makes null. */
    private final class Mapped implements Supplier<Value> {
        private final Value source;
        private final UnaryOperator<Value> each;
        private Iterator<Value> values;

        Mapped(Value source, UnaryOperator<Value> each) {
            this.source = source;
            this.each = each;
        }

        @Override
        public Value get() {
            values = values == null ? Sequences.iterator(source, budget) : values;
            while (values.hasNext()) {
                budget.step();
                Value result = each.apply(values.next());
                if (result != null) {
                    return result;
                }
            }
            return null;
        }
    }

    private Value map(Value value, Arguments arguments) {
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        List<Value> positional = arguments.positional();
        return generator(
                value,
                item -> {
                    if (positional.isEmpty() && named.containsKey("attribute")) {
                        Arguments rest = new Arguments(List.of(), named);
                        Value[] bound = rest.bind("map", 1, "attribute", "default");
                        return attribute(item, bound[0], bound[1]);
                    }
                    if (positional.isEmpty()) {
                        throw TemplateException.value("map: neither a filter nor an attribute");
                    }
                    String name = Types.text(positional.getFirst(), "map");
                    return filters.apply(
                            name,
                            item,
                            new Arguments(positional.subList(1, positional.size()), named));
                });
    }

    private Value select(
            String name, Value value, Arguments arguments, boolean byAttribute, boolean wanted) {
        List<Value> given = arguments.positional();
        int testAt = byAttribute ? 1 : 0;
        return generator(
                value,
                item -> {
                    if (byAttribute && given.isEmpty()) {
                        throw TemplateException.value(name + ": no attribute");
                    }
                    Value tested = byAttribute ? attribute(item, given.getFirst(), null) : item;
                    boolean holds =
                            given.size() <= testAt
                                    ? Sequences.isTrue(tested)
                                    : tests.holds(
                                            Types.text(given.get(testAt), name),
                                            tested,
                                            new Arguments(
                                                    given.subList(testAt + 1, given.size()),
                                                    arguments.named()));
                    return holds == wanted ? item : null;
                });
    }

    private Value batch(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("batch", 1, "linecount", "fill_with");
        List<Value> all = Sequences.list(value, budget);
        Value size = bound[0];
        List<Value> batches = new ArrayList<>();
        List<Value> batch = new ArrayList<>();
        for (Value item : all) {
            budget.items(1);
            if (Int.of(batch.size()).equals(size)) {
                batches.add(Items.list(batch));
                batch = new ArrayList<>();
            }
            batch.add(item);
        }
        if (!batch.isEmpty()) {
            if (isGiven(bound[1])) {
                int count = Types.integer(size, "batch");
                budget.items(Math.max(0, count - batch.size()));
                while (batch.size() < count) {
                    batch.add(bound[1]);
                }
            }
            batches.add(Items.list(batch));
        }
        return new Value.Stream("generator", batches.iterator());
    }

    private Value slice(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("slice", 1, "slices", "fill_with");
        List<Value> all = Sequences.list(value, budget);
        int slices = Types.integer(bound[0], "slice");
        if (slices == 0) {
            throw TemplateException.value("slice: division by zero");
        }
        budget.items(Math.max(0, slices));
        int each = Math.floorDiv(all.size(), slices);
        int longer = Math.floorMod(all.size(), slices);
        List<Value> made = new ArrayList<>();
        int offset = 0;
        for (int i = 0; i < slices; i++) {
            int start = offset + i * each;
            offset += i < longer ? 1 : 0;
            List<Value> part = new ArrayList<>(all.subList(start, offset + (i + 1) * each));
            if (isGiven(bound[1]) && i >= longer) {
                part.add(bound[1]);
            }
            made.add(Items.list(part));
        }
        return new Value.Stream("generator", made.iterator());
    }

    private Value groupBy(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
        boolean sensitive = isTrue(bound[2]);
        UnaryOperator<Value> key = item -> key(attribute(item, bound[0], bound[1]), sensitive);
        List<Value> sorted = operators.sorted(Sequences.list(value, budget), key, false);
        List<Value> groups = new ArrayList<>();
        List<Value> group = new ArrayList<>();
        for (Value item : sorted) {
            if (!group.isEmpty() && !key.apply(group.getFirst()).equals(key.apply(item))) {
                groups.add(group(group, bound));
                group = new ArrayList<>();
            }
            group.add(item);
        }
        if (!group.isEmpty()) {
            groups.add(group(group, bound));
        }
        return Items.list(groups);
    }

    private Value group(List<Value> group, Value[] bound) {
        Value grouper = attribute(group.getFirst(), bound[0], bound[1]);
        return new Items(List.of(grouper, Items.list(group)), Value.Kind.GROUP);
    }

    private Value join(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("join", 0, "d", "attribute");
        String separator = bound[0] == null ? "" : Printer.str(bound[0], budget);
        Iterator<Value> values = Sequences.iterator(value, budget);
        StringBuilder joined = new StringBuilder();
        boolean first = true;
        while (values.hasNext()) {
            Value next = values.next();
            if (isGiven(bound[1])) {
                next = attribute(next, bound[1], null);
            }
            String part = Printer.str(next, budget);
            budget.text((long) part.length() + separator.length());
            joined.append(first ? "" : separator).append(part);
            first = false;
        }
        return Text.of(joined.toString());
    }

    private Value best(String name, Value value, Arguments arguments) {
        Value[] bound = arguments.bind(name, 0, "case_sensitive", "attribute");
        Iterator<Value> values = Sequences.iterator(value, budget);
        if (!values.hasNext()) {
            return Undefined.of("No aggregated item, sequence was empty.");
        }
        boolean greatest = name.equals("max");
        Value best = values.next();
        Value bestKey = key(attribute(best, bound[1], null), isTrue(bound[0]));
        while (values.hasNext()) {
            Value next = values.next();
            Value key = key(attribute(next, bound[1], null), isTrue(bound[0]));
            if (greatest ? operators.isLess(bestKey, key) : operators.isLess(key, bestKey)) {
                best = next;
                bestKey = key;
            }
        }
        return best;
    }

    private Value sort(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
        List<Value> paths = new ArrayList<>();
        if (bound[2] instanceof Text several) {
            Texts.split(several.string(), ",", -1).forEach(path -> paths.add(Text.of(path)));
        } else {
            paths.add(bound[2] == null ? None.NONE : bound[2]);
        }
        UnaryOperator<Value> key =
                item ->
                        Items.list(
                                paths.stream()
                                        .map(
                                                path ->
                                                        key(
                                                                attribute(item, path, null),
                                                                isTrue(bound[1])))
                                        .toList());
        return Items.list(operators.sorted(Sequences.list(value, budget), key, isTrue(bound[0])));
    }

    private Value unique(Value value, Arguments arguments) {
        Value[] bound = arguments.bind("unique", 0, "case_sensitive", "attribute");
        Set<Value> seen = new HashSet<>();
        Predicate<Value> fresh =
                item ->
                        seen.add(
                                Types.hashable(
                                        key(attribute(item, bound[1], null), isTrue(bound[0]))));
        return new Value.Stream(
                "generator",
                new Lazy(
                        new Mapped(
                                value,
                                item -> {
                                    budget.items(1);
                                    return fresh.test(item) ? item : null;
                                })));
    }
}
