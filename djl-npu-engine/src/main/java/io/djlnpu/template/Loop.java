package io.djlnpu.template;

import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Undefined;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.UnaryOperator;

/**
 * The variable {@code loop}. Looks one item ahead only when it is asked for what follows, so that a
 * loop over a generator runs as late as in Jinja2.
 */
final class Loop implements Value.LoopState {

    private final Budget budget;
    private final UnaryOperator<Value> recursion;
    private final int depth0;
    private Iterator<Value> values;
    private long length;
    private int index0 = -1;
    private Value before;
    private Value current;
    private Value after;
    private List<Value> lastChanged;

    /**
     * @param length -1 if it is not known yet
     * @param recursion renders the loop for other values; null if it is not recursive
     */
    Loop(
            Iterator<Value> values,
            long length,
            UnaryOperator<Value> recursion,
            int depth0,
            Budget budget) {
        this.values = values;
        this.length = length;
        this.recursion = recursion;
        this.depth0 = depth0;
        this.budget = budget;
    }

    boolean hasNext() {
        return after != null || values.hasNext();
    }

    Value next() {
        Value next = after == null ? values.next() : after;
        after = null;
        index0++;
        before = current;
        current = next;
        return next;
    }

    /** What a loop over the loop sees. */
    Iterator<Value> rest() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return Loop.this.hasNext();
            }

            @Override
            public Value next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return Value.Items.tuple(Loop.this.next(), Loop.this);
            }
        };
    }

    long length() {
        if (length < 0) {
            List<Value> rest = new ArrayList<>();
            while (values.hasNext()) {
                budget.items(1);
                rest.add(values.next());
            }
            values = rest.iterator();
            length = rest.size() + index0 + 1 + (after == null ? 0 : 1);
        }
        return length;
    }

    private Value peek() {
        if (after == null && values.hasNext()) {
            after = values.next();
        }
        return after;
    }

    /** A part of it, or null if it has none of that name. */
    Value attribute(String name) {
        return switch (name) {
            case "index" -> Int.of(index0 + 1L);
            case "index0" -> Int.of(index0);
            case "first" -> Bool.of(index0 == 0);
            case "last" -> Bool.of(peek() == null);
            case "length" -> Int.of(length());
            case "revindex" -> Int.of(length() - index0);
            case "revindex0" -> Int.of(length() - index0 - 1);
            case "depth" -> Int.of(depth0 + 1L);
            case "depth0" -> Int.of(depth0);
            case "previtem" -> index0 == 0 ? Undefined.of("there is no previous item") : before;
            case "nextitem" -> peek() == null ? Undefined.of("there is no next item") : peek();
            case "cycle" -> new Value.Function("cycle", this::cycle);
            case "changed" -> new Value.Function("changed", this::changed);
            default -> null;
        };
    }

    private Value cycle(Arguments arguments) {
        arguments.bindUnnamed("cycle", 1, Integer.MAX_VALUE >> 8);
        List<Value> values = arguments.positional();
        return values.get(index0 % values.size());
    }

    private Value changed(Arguments arguments) {
        boolean changed = !arguments.positional().equals(lastChanged);
        lastChanged = arguments.positional();
        return Bool.of(changed);
    }

    Value call(Arguments arguments) {
        Value[] bound = arguments.bind("loop", 1, "iterable");
        if (recursion == null) {
            throw TemplateException.value("a loop that is called must be 'recursive'");
        }
        return recursion.apply(bound[0]);
    }

    int depth() {
        return depth0 + 1;
    }

    @Override
    public String toString() {
        return "<LoopContext " + (index0 + 1) + "/" + length() + ">";
    }
}
