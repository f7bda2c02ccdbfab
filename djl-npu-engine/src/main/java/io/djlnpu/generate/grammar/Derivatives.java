package io.djlnpu.generate.grammar;

import io.djlnpu.generate.grammar.Term.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/** What may follow a byte, and how near the end of a text is. Not safe for several threads. */
final class Derivatives {

    private static final int ROW_UNITS = 12;

    private final Terms terms;
    private final Set<Term> opened = new HashSet<>();
    private final Set<Term> withRows = new HashSet<>();

    /** How often a length was asked for while it was being found. */
    private int loops;

    Derivatives(Terms terms) {
        this.terms = terms;
    }

    Term expand(Term term) {
        if (term.expansion == null) {
            term.expansion = term.deferred.expand();
        }
        return term.expansion;
    }

    /** The derivatives of a term by all bytes; those without a text are {@code nothing}. */
    Term[] row(Term term) {
        if (term.row == null) {
            terms.budget.take(ROW_UNITS);
            Term[] row = new Term[256];
            int[] classes = classes(term);
            Map<Integer, Term> made = new HashMap<>();
            for (int b = 0; b < 256; b++) {
                int value = b;
                row[b] = made.computeIfAbsent(classes[b], c -> alive(derive(term, value)));
            }
            term.row = row;
            withRows.add(term);
        }
        return term.row;
    }

    /** Forgets the rows, which can be made again. */
    void forgetRows() {
        for (Term term : withRows) {
            term.row = null;
            term.steps = null;
        }
        terms.budget.give(ROW_UNITS * withRows.size());
        withRows.clear();
    }

    private Term alive(Term term) {
        return length(term) == Term.INFINITE ? terms.nothing : term;
    }

    private Term derive(Term term, int b) {
        terms.budget.check();
        return switch (term.kind) {
            case NOTHING, EMPTY -> terms.nothing;
            case BYTES -> term.bytes.has(b) ? terms.empty : terms.nothing;
            case SEQUENCE -> {
                Term after = terms.sequence(derive(term.first, b), term.rest);
                yield term.first.nullable ? terms.either(after, derive(term.rest, b)) : after;
            }
            case EITHER -> terms.either(derive(term.parts, b));
            case BOTH -> terms.both(derive(term.parts, b));
            case NOT -> terms.not(derive(term.first, b));
            case REPEAT -> {
                Term once = derive(term.first, b);
                yield once == terms.nothing
                        ? once
                        : terms.sequence(
                                once,
                                terms.repeat(
                                        term.first,
                                        Math.max(0, term.min - 1),
                                        term.max == Term.INFINITE ? Term.INFINITE : term.max - 1));
            }
            case DEFERRED -> derive(expand(term), b);
        };
    }

    private List<Term> derive(List<Term> parts, int b) {
        List<Term> result = new ArrayList<>(parts.size());
        for (Term part : parts) {
            result.add(derive(part, b));
        }
        return result;
    }

    /** Bytes of one class have the same derivative. */
    private int[] classes(Term term) {
        Set<ByteSet> sets = new HashSet<>();
        collect(term, sets, new HashSet<>());
        int[] classes = new int[256];
        int count = 1;
        for (ByteSet set : sets) {
            Map<Integer, Integer> split = new HashMap<>();
            for (int b = 0; b < 256; b++) {
                if (set.has(b)) {
                    Integer other = split.get(classes[b]);
                    if (other == null) {
                        other = count++;
                        split.put(classes[b], other);
                    }
                    classes[b] = other;
                }
            }
            if (count > 4096) {
                Arrays.setAll(classes, b -> b);
                return classes;
            }
        }
        return classes;
    }

    private void collect(Term term, Set<ByteSet> sets, Set<Term> seen) {
        if (!seen.add(term)) {
            return;
        }
        terms.budget.check();
        switch (term.kind) {
            case NOTHING, EMPTY -> {}
            case BYTES -> sets.add(term.bytes);
            case SEQUENCE -> {
                collect(term.first, sets, seen);
                if (term.first.nullable) {
                    collect(term.rest, sets, seen);
                }
            }
            case EITHER, BOTH -> term.parts.forEach(part -> collect(part, sets, seen));
            case NOT, REPEAT -> collect(term.first, sets, seen);
            case DEFERRED -> collect(expand(term), sets, seen);
        }
    }

    /** Bytes of the shortest text, or a bound that {@link #lead} keeps to. */
    int length(Term term) {
        if (term.length != Term.UNKNOWN) {
            return term.length;
        }
        terms.budget.check();
        int before = loops;
        int length =
                switch (term.kind) {
                    case NOTHING -> Term.INFINITE;
                    case EMPTY -> 0;
                    case BYTES -> 1;
                    case SEQUENCE -> ofSequence(term);
                    case EITHER -> term.parts.stream().mapToInt(this::length).min().orElseThrow();
                    case REPEAT ->
                            term.min == 0 ? 0 : saturated((long) term.min * length(term.first));
                    case BOTH, NOT -> term.nullable ? 0 : search(term);
                    case DEFERRED -> ofDeferred(term);
                };
        // While something waits for its own length, "none" may only mean "not yet".
        if (length != Term.INFINITE || loops == before || opened.isEmpty()) {
            term.length = length;
        }
        return length;
    }

    private int ofSequence(Term term) {
        long sum = 0;
        Term at = term;
        for (; at.kind == Kind.SEQUENCE && at.length == Term.UNKNOWN; at = at.rest) {
            int part = length(at.first);
            if (part == Term.INFINITE) {
                return Term.INFINITE;
            }
            sum += part;
        }
        int last = length(at);
        return last == Term.INFINITE ? last : saturated(sum + last);
    }

    private static int saturated(long length) {
        return (int) Math.min(length, Term.INFINITE - 1L);
    }

    private int ofDeferred(Term term) {
        int known = term.deferred.length();
        if (known >= 0) {
            return known;
        }
        if (!opened.add(term)) {
            loops++;
            return Term.INFINITE;
        }
        try {
            return length(expand(term));
        } finally {
            opened.remove(term);
        }
    }

    private record Step(Term from, int b) {}

    /** Breadth first; what it passes on the way to a shortest text keeps its length. */
    private int search(Term start) {
        Map<Term, Step> reached = new LinkedHashMap<>();
        Queue<Term> queue = new ArrayDeque<>();
        reached.put(start, null);
        queue.add(start);
        while (!queue.isEmpty()) {
            Term at = queue.remove();
            int[] classes = classes(at);
            Set<Integer> done = new HashSet<>();
            for (int b = 0; b < 256; b++) {
                if (!done.add(classes[b])) {
                    continue;
                }
                Term next = derive(at, b);
                if (next == terms.nothing || reached.containsKey(next)) {
                    continue;
                }
                terms.budget.take(1);
                reached.put(next, new Step(at, b));
                if (next.nullable || next.length >= 0 && next.length != Term.INFINITE) {
                    int length = next.nullable ? 0 : next.length;
                    for (Term back = next; reached.get(back) != null; ) {
                        Step step = reached.get(back);
                        length++;
                        step.from.length = length;
                        step.from.lead = step.b;
                        back = step.from;
                    }
                    return length;
                }
                queue.add(next);
            }
        }
        reached.keySet().forEach(term -> term.length = Term.INFINITE);
        return Term.INFINITE;
    }

    /** The first byte on a shortest way to the end. */
    int lead(Term term) {
        if (term.lead != Term.UNKNOWN) {
            return term.lead;
        }
        return switch (term.kind) {
            case BYTES -> term.bytes.lowest();
            case SEQUENCE -> lead(length(term.first) == 0 ? term.rest : term.first);
            case EITHER -> {
                Term best = term.parts.getFirst();
                for (Term part : term.parts) {
                    best = length(part) < length(best) ? part : best;
                }
                yield lead(best);
            }
            case REPEAT -> lead(term.first);
            case DEFERRED -> lead(expand(term));
            case NOTHING, EMPTY, BOTH, NOT -> Term.UNKNOWN;
        };
    }
}
