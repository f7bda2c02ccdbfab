package io.djlnpu.template;

import java.util.HashMap;
import java.util.Map;

/** The variables of a scope while it runs. A name without a value is undefined. */
final class Frame {

    private final Frame parent;
    private final Map<String, Value> given;
    private final Map<String, Value> values = new HashMap<>();

    /** The outermost one. */
    Frame(Scope scope, Map<String, Value> given) {
        this(scope, given, null);
    }

    private Frame(Scope scope, Map<String, Value> given, Frame parent) {
        this.parent = parent;
        this.given = given;
        scope.loads()
                .forEach(
                        (name, load) ->
                                values.put(
                                        name,
                                        switch (load) {
                                            case GIVEN -> given.get(name);
                                            case OUTER -> parent.get(name);
                                            case PARAMETER, NOTHING -> null;
                                        }));
    }

    /** One inside this. */
    Frame enter(Scope scope) {
        return new Frame(scope, given, this);
    }

    /** The value, or null. */
    Value get(String name) {
        for (Frame frame = this; frame != null; frame = frame.parent) {
            Value value = frame.values.get(name);
            if (value != null || frame.values.containsKey(name)) {
                return value;
            }
        }
        return given.get(name);
    }

    void set(String name, Value value) {
        values.put(name, value);
    }
}
