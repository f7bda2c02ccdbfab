package io.djlnpu.template;

import io.djlnpu.template.Expression.Link;
import io.djlnpu.template.Expression.Passed;
import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.Text;
import io.djlnpu.template.Value.Undefined;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Computes expressions. */
final class Evaluator {

    private final Budget budget;
    private final Operators operators;
    private final Attributes attributes;
    private final Tests tests;
    private final Filters filters;

    Evaluator(Budget budget) {
        this.budget = budget;
        operators = new Operators(budget);
        attributes = new Attributes(budget);
        tests = new Tests(operators, budget);
        filters = new Filters(operators, attributes, tests, budget);
    }

    Value evaluate(Expression expression, Frame frame) {
        budget.enter();
        Value value =
                switch (expression) {
                    case Expression.Literal literal -> literal.value();
                    case Expression.Name name -> variable(name.name(), frame);
                    case Expression.Listing listing -> listing(listing, frame);
                    case Expression.Mapping mapping -> mapping(mapping, frame);
                    case Expression.Sign sign ->
                            operators.negate(evaluate(sign.of(), frame), sign.negative());
                    case Expression.Not not -> Bool.of(!isTrue(not.of(), frame));
                    case Expression.Choice choice -> choice(choice, frame);
                    case Expression.Binary binary ->
                            operators.arithmetic(
                                    binary.operator(),
                                    evaluate(binary.left(), frame),
                                    evaluate(binary.right(), frame));
                    case Expression.Concat concat -> concat(concat, frame);
                    case Expression.Chain chain -> Bool.of(holds(chain, frame));
                    case Expression.Conditional conditional -> conditional(conditional, frame);
                    case Expression.Attribute attribute ->
                            attributes.attribute(evaluate(attribute.of(), frame), attribute.name());
                    case Expression.Item item ->
                            attributes.item(
                                    evaluate(item.of(), frame), evaluate(item.index(), frame));
                    case Expression.Slice slice ->
                            Sequences.slice(
                                    evaluate(slice.of(), frame),
                                    orNull(slice.start(), frame),
                                    orNull(slice.stop(), frame),
                                    orNull(slice.step(), frame),
                                    budget);
                    case Expression.Call call -> call(call, null, frame);
                    case Expression.Filter filter ->
                            filter(filter, evaluate(filter.of(), frame), frame);
                    case Expression.Test test -> Bool.of(test(test, frame));
                };
        budget.leave();
        return value;
    }

    private Value orNull(Expression expression, Frame frame) {
        return expression == null ? null : evaluate(expression, frame);
    }

    private boolean isTrue(Expression expression, Frame frame) {
        return Sequences.isTrue(evaluate(expression, frame));
    }

    private static Value variable(String name, Frame frame) {
        Value value = frame.get(name);
        return value == null ? Undefined.named(name) : value;
    }

    private Value listing(Expression.Listing listing, Frame frame) {
        budget.items(listing.items().size());
        List<Value> items = all(listing.items(), frame);
        return new Items(items, listing.tuple() ? Value.Kind.TUPLE : Value.Kind.LIST);
    }

    private List<Value> all(List<Expression> expressions, Frame frame) {
        List<Value> values = new ArrayList<>(expressions.size());
        expressions.forEach(expression -> values.add(evaluate(expression, frame)));
        return values;
    }

    private Value mapping(Expression.Mapping mapping, Frame frame) {
        budget.items(mapping.keys().size());
        Map<Value, Value> map = new LinkedHashMap<>();
        for (int i = 0; i < mapping.keys().size(); i++) {
            Value key = evaluate(mapping.keys().get(i), frame);
            map.put(Types.hashable(key), evaluate(mapping.values().get(i), frame));
        }
        return new Dict(map);
    }

    private Value choice(Expression.Choice choice, Frame frame) {
        Value left = evaluate(choice.left(), frame);
        return Sequences.isTrue(left) == choice.and() ? evaluate(choice.right(), frame) : left;
    }

    private Value concat(Expression.Concat concat, Frame frame) {
        StringBuilder text = new StringBuilder();
        for (Expression part : concat.parts()) {
            String next = Printer.str(evaluate(part, frame), budget);
            budget.text(next.length());
            text.append(next);
        }
        return Text.of(text.toString());
    }

    private boolean holds(Expression.Chain chain, Frame frame) {
        Value left = evaluate(chain.first(), frame);
        for (Link link : chain.links()) {
            Value right = evaluate(link.with(), frame);
            if (!operators.compare(link.operator(), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private Value conditional(Expression.Conditional conditional, Frame frame) {
        if (isTrue(conditional.test(), frame)) {
            return evaluate(conditional.then(), frame);
        }
        return conditional.otherwise() == null
                ? Undefined.of("an inline 'if' without 'else' that did not hold is undefined")
                : evaluate(conditional.otherwise(), frame);
    }

    /**
     * Calls a function.
     *
     * @param caller the body of a call block, or null
     */
    Value call(Expression.Call call, Value caller, Frame frame) {
        try {
            Value callee = evaluate(call.callee(), frame);
            Arguments arguments = arguments(call.passed(), caller, frame);
            return switch (callee) {
                case Value.Function function -> function.body().call(arguments);
                case Macro macro -> macro.call(arguments);
                case Loop loop -> loop.call(arguments);
                case Undefined undefined -> throw undefined.used();
                default ->
                        throw TemplateException.value(
                                "a " + Types.name(callee) + " cannot be called");
            };
        } catch (TemplateException e) {
            throw e.at(call.line());
        }
    }

    private Arguments arguments(Passed passed, Value caller, Frame frame) {
        List<Value> positional = all(passed.positional(), frame);
        Map<String, Value> named = new LinkedHashMap<>();
        for (int i = 0; i < passed.names().size(); i++) {
            named.put(passed.names().get(i), evaluate(passed.named().get(i), frame));
        }
        if (caller != null && named.putIfAbsent("caller", caller) != null) {
            throw TemplateException.value("a call block with an argument 'caller'");
        }
        if (passed.all() != null) {
            Iterator<Value> more = Sequences.iterator(evaluate(passed.all(), frame), budget);
            while (more.hasNext()) {
                budget.items(1);
                positional.add(more.next());
            }
        }
        if (passed.allNamed() != null) {
            addNamed(evaluate(passed.allNamed(), frame), named);
        }
        return new Arguments(positional, named);
    }

    private void addNamed(Value value, Map<String, Value> named) {
        if (!(value instanceof Dict more)) {
            throw TemplateException.value("'**' before a " + Types.name(value));
        }
        budget.items(more.map().size());
        more.map()
                .forEach(
                        (key, argument) -> {
                            String name = Types.text(key, "the name of an argument");
                            if (named.putIfAbsent(name, argument) != null) {
                                throw TemplateException.value("argument '" + name + "' twice");
                            }
                        });
    }

    private Value filter(Expression.Filter filter, Value of, Frame frame) {
        try {
            return filters.apply(filter.name(), of, arguments(filter.passed(), null, frame));
        } catch (TemplateException e) {
            throw e.at(filter.line());
        }
    }

    /** Sends a block's text through its filters. */
    Value filterBlock(Expression filter, Text text, Frame frame) {
        if (!(filter instanceof Expression.Filter one)) {
            throw new IllegalStateException("no filter: " + filter);
        }
        return filter(one, one.of() == null ? text : filterBlock(one.of(), text, frame), frame);
    }

    private boolean test(Expression.Test test, Frame frame) {
        try {
            Value value = evaluate(test.of(), frame);
            return tests.holds(test.name(), value, arguments(test.passed(), null, frame));
        } catch (TemplateException e) {
            throw e.at(test.line());
        }
    }
}
