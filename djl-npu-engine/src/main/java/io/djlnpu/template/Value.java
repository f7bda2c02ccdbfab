package io.djlnpu.template;

import java.math.BigInteger;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A Python value as templates see them. {@code equals} is Python's {@code ==}: numbers of different
 * types are equal by value.
 */
sealed interface Value {

    /** Python's {@code None}. */
    enum None implements Value {
        /** The only one. */
        NONE
    }

    /** What counts as a number: truth, integers of any size, floats. */
    sealed interface Number extends Value {}

    /** Truth. */
    record Bool(boolean is) implements Number {
        static final Bool TRUE = new Bool(true);
        static final Bool FALSE = new Bool(false);

        static Bool of(boolean value) {
            return value ? TRUE : FALSE;
        }

        @Override
        public boolean equals(Object other) {
            return Numbers.areEqual(this, other);
        }

        @Override
        public int hashCode() {
            return Numbers.hash(this);
        }
    }

    /** An integer of any size. */
    record Int(BigInteger value) implements Number {
        static Int of(long value) {
            return new Int(BigInteger.valueOf(value));
        }

        @Override
        public boolean equals(Object other) {
            return Numbers.areEqual(this, other);
        }

        @Override
        public int hashCode() {
            return Numbers.hash(this);
        }
    }

    /** A float. */
    record Real(double value) implements Number {
        @Override
        public boolean equals(Object other) {
            return Numbers.areEqual(this, other);
        }

        @Override
        public int hashCode() {
            return Numbers.hash(this);
        }
    }

    /**
     * A string.
     *
     * @param string its code points in UTF-16
     * @param markup whether it is marked as HTML, which escapes what is added to it
     */
    record Text(String string, boolean markup) implements Value {
        static final Text EMPTY = of("");

        static Text of(String string) {
            return new Text(string, false);
        }

        /** A text of the same kind. */
        Text like(String other) {
            return new Text(other, markup);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Text text && string.equals(text.string);
        }

        @Override
        public int hashCode() {
            return string.hashCode();
        }
    }

    /** How a sequence prints, and what it is equal to. */
    enum Kind {
        LIST,
        TUPLE,
        /** A tuple whose parts are also named {@code grouper} and {@code list}. */
        GROUP
    }

    /** A list or tuple; never changed. */
    record Items(List<Value> list, Kind kind) implements Value {
        static Items list(List<Value> values) {
            return new Items(values, Kind.LIST);
        }

        static Items tuple(Value... values) {
            return new Items(List.of(values), Kind.TUPLE);
        }

        boolean isTuple() {
            return kind != Kind.LIST;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Items items
                    && isTuple() == items.isTuple()
                    && list.equals(items.list);
        }

        @Override
        public int hashCode() {
            return list.hashCode();
        }
    }

    /** A mapping in the order of insertion; never changed. */
    record Dict(Map<Value, Value> map) implements Value {
        static Dict empty() {
            return new Dict(new LinkedHashMap<>());
        }
    }

    /** Python's {@code range}. */
    record Range(long start, long stop, long step) implements Value {
        long length() {
            return step > 0
                    ? Math.max(0, Math.ceilDiv(stop - start, step))
                    : Math.max(0, Math.ceilDiv(start - stop, -step));
        }

        @Override
        public boolean equals(Object other) {
            if (!(other instanceof Range range) || length() != range.length()) {
                return false;
            }
            return length() == 0 || start == range.start && (length() == 1 || step == range.step);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(length());
        }
    }

    /** What {@code keys()}, {@code values()} and {@code items()} of a mapping return. */
    record View(Of of, Dict dict) implements Value {
        /** Which side. */
        enum Of {
            KEYS,
            VALUES,
            ITEMS
        }
    }

    /**
     * A generator: can be gone through once.
     *
     * @param type its Python type, for messages
     */
    record Stream(String type, Iterator<Value> values) implements Value {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /**
     * What is not there. Prints as nothing; almost any other use is an error.
     *
     * @param reason the error's words
     * @param forbidden whether it is there, but out of bounds
     */
    record Undefined(String reason, boolean forbidden) implements Value {
        static Undefined of(String reason) {
            return new Undefined(reason, false);
        }

        static Undefined named(String name) {
            return of("'" + name + "' is undefined");
        }

        TemplateException used() {
            return forbidden
                    ? new TemplateException(TemplateException.Kind.FORBIDDEN, 0, reason)
                    : TemplateException.undefined(reason);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Undefined;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** The only value whose parts a template may set. */
    record Namespace(Map<String, Value> attributes) implements Value {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** A function of this interpreter, or a method bound to its value. */
    record Function(String name, Body body) implements Value {
        /** What it does. */
        @FunctionalInterface
        interface Body {
            Value call(Arguments arguments);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return Objects.hashCode(name);
        }
    }

    /** A {@code cycler}: goes round its values. */
    final class Cycler implements Value {
        final List<Value> values;
        int at;

        Cycler(List<Value> values) {
            this.values = values;
        }
    }

    /** The state of a running loop. */
    non-sealed interface LoopState extends Value {}

    /** A macro, or the body of a call block. */
    non-sealed interface Callable extends Value {
        String name();

        Value call(Arguments arguments);
    }
}
