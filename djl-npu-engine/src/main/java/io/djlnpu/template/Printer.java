package io.djlnpu.template;

import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.Namespace;
import io.djlnpu.template.Value.None;
import io.djlnpu.template.Value.Range;
import io.djlnpu.template.Value.Real;
import io.djlnpu.template.Value.Text;
import io.djlnpu.template.Value.Undefined;
import io.djlnpu.template.Value.View;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's {@code str} and {@code repr}. */
final class Printer {

    private final Budget budget;
    private final StringBuilder out = new StringBuilder();

    private Printer(Budget budget) {
        this.budget = budget;
    }

    /** As {@code str} prints it. */
    static String str(Value value, Budget budget) {
        return switch (value) {
            case Text text -> text.string();
            case Undefined undefined -> "";
            default -> repr(value, budget);
        };
    }

    /** As {@code repr} prints it. */
    static String repr(Value value, Budget budget) {
        Printer printer = new Printer(budget);
        printer.print(value);
        return printer.out.toString();
    }

    private void print(Value value) {
        budget.step();
        int before = out.length();
        switch (value) {
            case None none -> out.append("None");
            case Bool truth -> out.append(truth.is() ? "True" : "False");
            case Int integer -> out.append(Numbers.print(integer.value()));
            case Real real -> out.append(Numbers.print(real.value()));
            case Text text -> {
                String quoted = Texts.quote(text.string());
                out.append(text.markup() ? "Markup(" + quoted + ")" : quoted);
            }
            case Items items -> items(items);
            case Dict dict -> dict(dict.map());
            case Range range -> range(range);
            case View view -> view(view);
            case Namespace namespace -> namespace(namespace);
            case Undefined undefined -> out.append("Undefined");
            case Value.Stream stream -> out.append("<").append(stream.type()).append(" object>");
            case Value.Function function ->
                    out.append("<built-in method ").append(function.name()).append(">");
            case Value.Cycler cycler -> out.append("<Cycler object>");
            case Value.LoopState loop -> out.append(loop);
            case Value.Callable callable -> out.append(callable);
        }
        // What children print is counted with them already; this bounds what one value adds.
        budget.text(Math.min(out.length() - before, 1L << 20));
    }

    private void items(Items items) {
        out.append(items.isTuple() ? '(' : '[');
        list(items.list());
        if (items.isTuple() && items.list().size() == 1) {
            out.append(',');
        }
        out.append(items.isTuple() ? ')' : ']');
    }

    private void list(List<Value> values) {
        for (int i = 0; i < values.size(); i++) {
            out.append(i > 0 ? ", " : "");
            print(values.get(i));
        }
    }

    private void dict(Map<Value, Value> map) {
        out.append('{');
        Iterator<Map.Entry<Value, Value>> entries = map.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<Value, Value> entry = entries.next();
            print(entry.getKey());
            out.append(": ");
            print(entry.getValue());
            out.append(entries.hasNext() ? ", " : "");
        }
        out.append('}');
    }

    private void range(Range range) {
        out.append("range(").append(range.start()).append(", ").append(range.stop());
        out.append(range.step() == 1 ? ")" : ", " + range.step() + ")");
    }

    private void view(View view) {
        out.append("dict_").append(Texts.lower(view.of().name())).append("([");
        list(Sequences.list(view, budget));
        out.append("])");
    }

    private void namespace(Namespace namespace) {
        out.append("<Namespace {");
        Iterator<Map.Entry<String, Value>> entries = namespace.attributes().entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<String, Value> entry = entries.next();
            out.append(Texts.quote(entry.getKey())).append(": ");
            print(entry.getValue());
            out.append(entries.hasNext() ? ", " : "");
        }
        out.append("}>");
    }
}
