package io.djlnpu.template;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The names of one scope and where each gets its value from when the scope is entered. A name that
 * a scope assigns anywhere belongs to it everywhere, as in Jinja2's compiler; this decides what a
 * read before the assignment sees.
 */
final class Scope {

    /** Where a name's first value comes from. */
    enum Load {
        /** Set by whoever enters the scope. */
        PARAMETER,
        /** The variables that the template was given. */
        GIVEN,
        /** The scope around, as it is at that time. */
        OUTER,
        /** Undefined until it is assigned. */
        NOTHING
    }

    private Scope parent;
    private Map<String, Load> loads = new LinkedHashMap<>();
    private Set<String> stores = new HashSet<>();

    void within(Scope outer) {
        parent = outer;
    }

    Map<String, Load> loads() {
        return loads;
    }

    private boolean knows(String name) {
        return loads.containsKey(name) || parent != null && parent.knows(name);
    }

    private boolean isKnownOutside(String name) {
        return parent != null && parent.knows(name);
    }

    void store(String name) {
        stores.add(name);
        loads.putIfAbsent(name, isKnownOutside(name) ? Load.OUTER : Load.NOTHING);
    }

    void parameter(String name) {
        stores.add(name);
        loads.put(name, Load.PARAMETER);
    }

    void load(String name) {
        if (!knows(name)) {
            loads.put(name, Load.GIVEN);
        }
    }

    /** The same names, to follow one branch of several. */
    Scope copy() {
        Scope copy = new Scope();
        copy.parent = parent;
        copy.loads = new LinkedHashMap<>(loads);
        copy.stores = new HashSet<>(stores);
        return copy;
    }

    /** Takes over what the branches know; what only some assign may keep its value from before. */
    void join(Iterable<Scope> branches) {
        Set<String> stored = new HashSet<>();
        branches.forEach(branch -> stored.addAll(branch.stores));
        stored.removeAll(stores);
        for (Scope branch : branches) {
            loads.putAll(branch.loads);
            stores.addAll(branch.stores);
        }
        stored.forEach(name -> loads.put(name, isKnownOutside(name) ? Load.OUTER : Load.GIVEN));
    }
}
