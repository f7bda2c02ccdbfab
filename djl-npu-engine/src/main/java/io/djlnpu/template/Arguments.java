package io.djlnpu.template;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a call passes.
 *
 * @param positional in order
 * @param named by name, in order
 */
record Arguments(List<Value> positional, Map<String, Value> named) {

    static Arguments of(Value... values) {
        return new Arguments(List.of(values), Map.of());
    }

    /**
     * Matches them with a function's parameters.
     *
     * @param required how many of the first parameters have no default
     * @return one value a parameter; null where it is not given
     */
    Value[] bind(String function, int required, String... parameters) {
        if (positional.size() > parameters.length) {
            throw TemplateException.value(
                    "%s() takes at most %d arguments, %d given"
                            .formatted(function, parameters.length, positional.size()));
        }
        Value[] bound = new Value[parameters.length];
        for (int i = 0; i < positional.size(); i++) {
            bound[i] = positional.get(i);
        }
        named.forEach(
                (name, value) -> {
                    int at = Arrays.asList(parameters).indexOf(name);
                    if (at < 0) {
                        throw TemplateException.value(
                                "%s() takes no argument '%s'".formatted(function, name));
                    }
                    if (bound[at] != null) {
                        throw TemplateException.value(
                                "%s() got '%s' twice".formatted(function, name));
                    }
                    bound[at] = value;
                });
        for (int i = 0; i < required; i++) {
            if (bound[i] == null) {
                throw TemplateException.value(
                        "%s() misses its argument '%s'".formatted(function, parameters[i]));
            }
        }
        return bound;
    }

    /** Matches arguments that have no names. */
    Value[] bindUnnamed(String function, int required, int most) {
        if (!named.isEmpty()) {
            throw TemplateException.value(function + "() takes no keyword arguments");
        }
        if (positional.size() < required || positional.size() > most) {
            throw TemplateException.value(
                    "%s() takes %d to %d arguments, %d given"
                            .formatted(function, required, most, positional.size()));
        }
        return positional.toArray(new Value[most]);
    }
}
