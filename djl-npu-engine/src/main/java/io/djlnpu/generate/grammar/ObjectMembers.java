package io.djlnpu.generate.grammar;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The members of an object in whatever order: named properties once each, then or between them
 * others by their kinds, and the closing brace. A state knows which properties were seen, so the
 * order costs nothing until an answer takes it.
 */
final class ObjectMembers {

    /**
     * A property with a name.
     *
     * @param pair name, colon and value
     * @param required whether it has to come
     */
    record Property(Term pair, boolean required) {}

    private final JsonText json;
    private final Terms terms;
    private final Derivatives derivatives;
    private final List<Property> properties;
    private final List<Term> others;
    private final int min;
    private final int max;
    private final Term close;

    /**
     * @param others pairs whose names are none of the properties'
     * @param min properties at least
     * @param max properties at most, {@link Term#INFINITE} for any number
     */
    ObjectMembers(
            JsonText json,
            Derivatives derivatives,
            List<Property> properties,
            List<Term> others,
            int min,
            int max) {
        this.json = json;
        terms = json.terms;
        this.derivatives = derivatives;
        this.properties = properties;
        this.others = others;
        this.min = min;
        this.max = max;
        close = json.close("}");
    }

    Term object() {
        return terms.sequence(json.open("{"), state(new BitSet(), 0, false));
    }

    private record Key(ObjectMembers members, BitSet seen, int total, boolean other) {}

    /**
     * What follows after some members.
     *
     * @param total how many, which is counted only as far as it matters
     * @param other whether one of them had no name of ours; two such may be the same, so that they
     *     count once towards the least number
     */
    private Term state(BitSet seen, int total, boolean other) {
        int counted = max == Term.INFINITE ? Math.min(total, 1) : total;
        return terms.deferred(new Key(this, seen, counted, other), new State(seen, counted, other));
    }

    private final class State implements Term.Deferred {

        private final BitSet seen;
        private final int total;
        private final boolean other;

        State(BitSet seen, int total, boolean other) {
            this.seen = seen;
            this.total = total;
            this.other = other;
        }

        private int certain() {
            return seen.cardinality() + (other ? 1 : 0);
        }

        private boolean mayClose() {
            for (int i = 0; i < properties.size(); i++) {
                if (properties.get(i).required && !seen.get(i)) {
                    return false;
                }
            }
            return certain() >= min;
        }

        @Override
        public Term expand() {
            List<Term> choices = new ArrayList<>();
            if (mayClose()) {
                choices.add(total == 0 ? terms.text("}") : close);
            }
            if (total < max) {
                List<Term> members = new ArrayList<>();
                for (int i = seen.nextClearBit(0);
                        i < properties.size();
                        i = seen.nextClearBit(i + 1)) {
                    BitSet after = (BitSet) seen.clone();
                    after.set(i);
                    members.add(
                            terms.sequence(properties.get(i).pair, state(after, total + 1, other)));
                }
                Term next = others.isEmpty() ? null : state(seen, total + 1, min > 0 || other);
                others.forEach(pair -> members.add(terms.sequence(pair, next)));
                Term member = terms.either(members);
                choices.add(total == 0 ? member : terms.sequence(json.comma(), member));
            }
            return terms.either(choices);
        }

        /** What is required, and as many more as the least number asks for, the shortest first. */
        @Override
        public int length() {
            long bytes = 0;
            int count = 0;
            List<Integer> optional = new ArrayList<>();
            for (int i = seen.nextClearBit(0);
                    i < properties.size();
                    i = seen.nextClearBit(i + 1)) {
                int pair = derivatives.length(properties.get(i).pair);
                if (properties.get(i).required) {
                    if (pair == Term.INFINITE) {
                        return Term.INFINITE;
                    }
                    bytes += pair;
                    count++;
                } else if (pair != Term.INFINITE) {
                    optional.add(pair);
                }
            }
            optional.sort(null);
            int missing = min - certain() - count;
            for (int i = 0; i < optional.size() && missing > 0; i++, missing--) {
                bytes += optional.get(i);
                count++;
            }
            if (missing > 0 && !other) {
                int shortest =
                        others.stream().mapToInt(derivatives::length).min().orElse(Term.INFINITE);
                if (shortest == Term.INFINITE) {
                    return Term.INFINITE;
                }
                bytes += shortest;
                count++;
                missing--;
            }
            if (missing > 0 || total + count > max) {
                return Term.INFINITE;
            }
            long commas = total > 0 ? count : Math.max(0, count - 1);
            long length = bytes + commas + 1;
            return (int) Math.min(length, Term.INFINITE - 1L);
        }
    }
}
