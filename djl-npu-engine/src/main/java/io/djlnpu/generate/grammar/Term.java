package io.djlnpu.generate.grammar;

import java.util.List;

/**
 * A language of byte strings, built from smaller ones. Terms of one {@link Terms} are interned: the
 * same language written the same way is the same object. So a term is also the state of an answer,
 * and its derivative by a byte, what may follow that byte, is the next state (Brzozowski). Terms
 * that are deferred make languages with a stack, such as JSON.
 */
final class Term {

    enum Kind {
        /** No text at all. */
        NOTHING,
        /** The empty text. */
        EMPTY,
        /** One byte of a set. */
        BYTES,
        /** {@code first}, then {@code rest}. */
        SEQUENCE,
        /** A text of any of {@code parts}. */
        EITHER,
        /** {@code first}, from {@code min} to {@code max} times. */
        REPEAT,
        /** A text that all of {@code parts} hold. */
        BOTH,
        /** A text that {@code first} does not hold. */
        NOT,
        /** What {@code deferred} expands to. */
        DEFERRED
    }

    /** A language that is written out when somebody asks, perhaps in terms of itself. */
    interface Deferred {

        Term expand();

        /** The fewest bytes of a text; negative to have them found from the expansion. */
        default int length() {
            return -1;
        }

        default boolean nullable() {
            return false;
        }
    }

    /** For {@code max} of a repetition, and for a language without a text. */
    static final int INFINITE = Integer.MAX_VALUE;

    static final int UNKNOWN = -1;

    final int id;
    final Kind kind;
    final boolean nullable;
    final Term first;
    final Term rest;
    final List<Term> parts;
    final int min;
    final int max;
    final ByteSet bytes;
    final Deferred deferred;

    /** The derivatives by all bytes, once they were asked for. */
    Term[] row;

    /** The ids of the row's terms, negative where there is no text. Read without a lock. */
    volatile int[] steps;

    /** What a deferred term stands for, once it was asked for. */
    Term expansion;

    /** Bytes of the shortest text, or a bound of them; {@link #INFINITE} if there is none. */
    int length = UNKNOWN;

    /** The first byte of a shortest text where it was found by a search. */
    int lead = UNKNOWN;

    Term(int id, Kind kind, boolean nullable, Term first, Term rest, int min, int max) {
        this(id, kind, nullable, first, rest, List.of(), min, max, null, null);
    }

    Term(int id, Kind kind, boolean nullable, List<Term> parts) {
        this(id, kind, nullable, null, null, parts, 0, 0, null, null);
    }

    Term(int id, ByteSet bytes) {
        this(id, Kind.BYTES, false, null, null, List.of(), 0, 0, bytes, null);
    }

    Term(int id, Deferred deferred) {
        this(id, Kind.DEFERRED, deferred.nullable(), null, null, List.of(), 0, 0, null, deferred);
    }

    private Term(
            int id,
            Kind kind,
            boolean nullable,
            Term first,
            Term rest,
            List<Term> parts,
            int min,
            int max,
            ByteSet bytes,
            Deferred deferred) {
        this.id = id;
        this.kind = kind;
        this.nullable = nullable;
        this.first = first;
        this.rest = rest;
        this.parts = parts;
        this.min = min;
        this.max = max;
        this.bytes = bytes;
        this.deferred = deferred;
    }
}
