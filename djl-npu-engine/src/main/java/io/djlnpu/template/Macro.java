package io.djlnpu.template;

import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.Dict;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.Text;
import io.djlnpu.template.Value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro in the scope where it was defined, or the body of a call block. */
final class Macro implements Value.Callable {

    private final Statement.Macro macro;
    private final Frame defined;
    private final Interpreter interpreter;

    Macro(Statement.Macro macro, Frame defined, Interpreter interpreter) {
        this.macro = macro;
        this.defined = defined;
        this.interpreter = interpreter;
    }

    @Override
    public String name() {
        return macro.name() == null ? "caller" : macro.name();
    }

    @Override
    public Value call(Arguments arguments) {
        Frame frame = defined.enter(macro.body().scope());
        List<String> parameters = macro.parameters();
        List<Value> positional = arguments.positional();
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        int taken = Math.min(positional.size(), parameters.size());
        for (int i = 0; i < parameters.size(); i++) {
            String parameter = parameters.get(i);
            frame.set(parameter, i < taken ? positional.get(i) : named.remove(parameter));
        }
        if (macro.takesCaller() && !parameters.contains("caller")) {
            Value caller = named.remove("caller");
            frame.set("caller", caller == null ? Undefined.of("No caller defined") : caller);
        }
        if (macro.takesNamed()) {
            Map<Value, Value> rest = new LinkedHashMap<>();
            named.forEach((name, value) -> rest.put(Text.of(name), value));
            frame.set("kwargs", new Dict(rest));
        } else if (!named.isEmpty()) {
            throw TemplateException.value(
                    "macro '%s' takes no argument '%s'"
                            .formatted(name(), named.keySet().iterator().next()));
        }
        List<Value> rest = new ArrayList<>(positional.subList(taken, positional.size()));
        if (macro.takesMore()) {
            frame.set("varargs", new Items(rest, Value.Kind.TUPLE));
        } else if (!rest.isEmpty()) {
            throw TemplateException.value(
                    "macro '%s' takes at most %d arguments, %d given"
                            .formatted(name(), parameters.size(), positional.size()));
        }
        return interpreter.invoke(macro, frame);
    }

    /** A part of it, or null if it has none of that name. */
    Value attribute(String attribute) {
        return switch (attribute) {
            case "name" -> macro.name() == null ? Value.None.NONE : Text.of(macro.name());
            case "arguments" ->
                    new Items(
                            macro.parameters().stream().map(p -> (Value) Text.of(p)).toList(),
                            Value.Kind.TUPLE);
            case "catch_kwargs" -> Bool.of(macro.takesNamed());
            case "catch_varargs" -> Bool.of(macro.takesMore());
            case "caller" -> Bool.of(macro.takesCaller());
            case "explicit_caller" -> Bool.of(macro.parameters().contains("caller"));
            default -> null;
        };
    }

    @Override
    public String toString() {
        return "<Macro " + (macro.name() == null ? "anonymous" : Texts.quote(macro.name())) + ">";
    }
}
