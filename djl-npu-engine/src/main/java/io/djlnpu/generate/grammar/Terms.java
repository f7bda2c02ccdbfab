package io.djlnpu.generate.grammar;

import io.djlnpu.generate.grammar.Term.Deferred;
import io.djlnpu.generate.grammar.Term.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Makes the terms of one grammar, each once, in a normal form. Not safe for several threads. */
final class Terms {

    private final Map<Object, Term> interned = new HashMap<>();
    private final List<Term> all = new ArrayList<>();
    final CompileBudget budget;

    final Term nothing;
    final Term empty;
    final Term everything;

    Terms(CompileBudget budget) {
        this.budget = budget;
        nothing = add("nothing", new Term(0, Kind.NOTHING, false, null, null, 0, 0));
        empty = add("empty", new Term(1, Kind.EMPTY, true, null, null, 0, 0));
        everything = add("everything", new Term(2, Kind.NOT, true, nothing, null, 0, 0));
        nothing.length = Term.INFINITE;
        empty.length = 0;
        everything.length = 0;
    }

    private Term add(Object key, Term term) {
        budget.take(1);
        interned.put(key, term);
        all.add(term);
        return term;
    }

    int size() {
        return all.size();
    }

    Term get(int id) {
        return all.get(id);
    }

    Term bytes(ByteSet set) {
        if (set.isEmpty()) {
            return nothing;
        }
        Term known = interned.get(set);
        return known != null ? known : add(set, new Term(all.size(), set));
    }

    Term range(int from, int to) {
        return from > to ? nothing : bytes(ByteSet.range(from, to));
    }

    /** The UTF-8 of a text. */
    Term text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        Term term = empty;
        for (int i = utf8.length - 1; i >= 0; i--) {
            term = pair(range(utf8[i] & 0xFF, utf8[i] & 0xFF), term);
        }
        return term;
    }

    Term sequence(Term... terms) {
        return sequence(Arrays.asList(terms));
    }

    Term sequence(List<Term> terms) {
        Term result = empty;
        for (int i = terms.size() - 1; i >= 0; i--) {
            result = append(terms.get(i), result);
        }
        return result;
    }

    /** Sequences lean to the right, so that the first part of a state is what is read next. */
    private Term append(Term before, Term after) {
        if (before.kind != Kind.SEQUENCE) {
            return pair(before, after);
        }
        List<Term> parts = new ArrayList<>();
        Term at = before;
        for (; at.kind == Kind.SEQUENCE; at = at.rest) {
            parts.add(at.first);
        }
        Term result = pair(at, after);
        for (int i = parts.size() - 1; i >= 0; i--) {
            result = pair(parts.get(i), result);
        }
        return result;
    }

    private record Pair(Term first, Term rest) {}

    private Term pair(Term first, Term rest) {
        if (first == nothing || rest == nothing) {
            return nothing;
        }
        if (first == empty) {
            return rest;
        }
        if (rest == empty) {
            return first;
        }
        Pair key = new Pair(first, rest);
        Term known = interned.get(key);
        return known != null
                ? known
                : add(
                        key,
                        new Term(
                                all.size(),
                                Kind.SEQUENCE,
                                first.nullable && rest.nullable,
                                first,
                                rest,
                                0,
                                0));
    }

    Term either(Term... terms) {
        return either(Arrays.asList(terms));
    }

    private record Choice(List<Term> parts) {}

    Term either(Collection<Term> terms) {
        TreeSet<Term> parts = new TreeSet<>(Comparator.comparingInt((Term t) -> t.id));
        ByteSet bytes = ByteSet.NONE;
        for (Term term : terms) {
            for (Term part : term.kind == Kind.EITHER ? term.parts : List.of(term)) {
                if (part == everything) {
                    return everything;
                }
                if (part.kind == Kind.BYTES) {
                    bytes = bytes.or(part.bytes);
                } else if (part != nothing) {
                    parts.add(part);
                }
            }
        }
        if (!bytes.isEmpty()) {
            parts.add(bytes(bytes));
        }
        if (parts.size() < 2) {
            return parts.isEmpty() ? nothing : parts.first();
        }
        Choice key = new Choice(List.copyOf(parts));
        Term known = interned.get(key);
        if (known != null) {
            return known;
        }
        budget.take(parts.size() / 8);
        boolean nullable = key.parts.stream().anyMatch(t -> t.nullable);
        return add(key, new Term(all.size(), Kind.EITHER, nullable, key.parts));
    }

    Term optional(Term term) {
        return either(empty, term);
    }

    private record Times(Term term, int min, int max) {}

    /** {@code max} is {@link Term#INFINITE} for no limit. */
    Term repeat(Term term, int least, int max) {
        int min = term.nullable ? 0 : least;
        if (max == 0 || term == empty || term == nothing && min == 0) {
            return empty;
        }
        if (term == nothing) {
            return nothing;
        }
        if (min == 1 && max == 1) {
            return term;
        }
        Times key = new Times(term, min, max);
        Term known = interned.get(key);
        return known != null
                ? known
                : add(key, new Term(all.size(), Kind.REPEAT, min == 0, term, null, min, max));
    }

    Term both(Term... terms) {
        return both(Arrays.asList(terms));
    }

    private record All(List<Term> parts) {}

    Term both(Collection<Term> terms) {
        TreeSet<Term> parts = new TreeSet<>(Comparator.comparingInt((Term t) -> t.id));
        ByteSet bytes = null;
        for (Term term : terms) {
            for (Term part : term.kind == Kind.BOTH ? term.parts : List.of(term)) {
                if (part == nothing) {
                    return nothing;
                }
                if (part.kind == Kind.BYTES) {
                    bytes = bytes == null ? part.bytes : bytes.and(part.bytes);
                } else if (part != everything) {
                    parts.add(part);
                }
            }
        }
        if (bytes != null) {
            parts.add(bytes(bytes));
        }
        if (parts.contains(nothing)) {
            return nothing;
        }
        if (parts.contains(empty)) {
            return parts.stream().allMatch(t -> t.nullable) ? empty : nothing;
        }
        if (parts.size() < 2) {
            return parts.isEmpty() ? everything : parts.first();
        }
        All key = new All(List.copyOf(parts));
        Term known = interned.get(key);
        boolean nullable = key.parts.stream().allMatch(t -> t.nullable);
        return known != null
                ? known
                : add(key, new Term(all.size(), Kind.BOTH, nullable, key.parts));
    }

    private record Other(Term term) {}

    Term not(Term term) {
        if (term.kind == Kind.NOT) {
            return term.first;
        }
        if (term == nothing) {
            return everything;
        }
        Other key = new Other(term);
        Term known = interned.get(key);
        return known != null
                ? known
                : add(key, new Term(all.size(), Kind.NOT, !term.nullable, term, null, 0, 0));
    }

    private record Later(Object key) {}

    /** A language that is written out later; one for each key. */
    Term deferred(Object name, Deferred deferred) {
        Later key = new Later(name);
        Term known = interned.get(key);
        return known != null ? known : add(key, new Term(all.size(), deferred));
    }
}
