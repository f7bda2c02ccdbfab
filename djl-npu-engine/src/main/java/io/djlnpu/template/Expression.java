package io.djlnpu.template;

import java.util.List;

/** A part of a template that has a value. */
sealed interface Expression {

    /** Written out. */
    record Literal(Value value) implements Expression {}

    /** A variable. */
    record Name(String name) implements Expression {}

    /** {@code [a, b]} or {@code (a, b)}. */
    record Listing(List<Expression> items, boolean tuple) implements Expression {}

    /** {@code {key: value}}. */
    record Mapping(List<Expression> keys, List<Expression> values) implements Expression {}

    /** {@code -a} or {@code +a}. */
    record Sign(boolean negative, Expression of) implements Expression {}

    /** {@code not a}. */
    record Not(Expression of) implements Expression {}

    /** {@code a and b}, or {@code a or b}: one of the two. */
    record Choice(boolean and, Expression left, Expression right) implements Expression {}

    /** {@code a + b} and its like. */
    record Binary(Arithmetic operator, Expression left, Expression right) implements Expression {}

    /** {@code a ~ b ~ c}. */
    record Concat(List<Expression> parts) implements Expression {}

    /** {@code a < b < c}. */
    record Chain(Expression first, List<Link> links) implements Expression {}

    /** {@code < b}. */
    record Link(Comparison operator, Expression with) {}

    /**
     * {@code a if test else b}.
     *
     * @param otherwise null without {@code else}
     */
    record Conditional(Expression test, Expression then, Expression otherwise, int line)
            implements Expression {}

    /** {@code a.name}. */
    record Attribute(Expression of, String name) implements Expression {}

    /** {@code a[index]}. */
    record Item(Expression of, Expression index) implements Expression {}

    /** {@code a[start:stop:step]}, each null where left out. */
    record Slice(Expression of, Expression start, Expression stop, Expression step)
            implements Expression {}

    /** {@code a(...)}. */
    record Call(Expression callee, Passed passed, int line) implements Expression {}

    /**
     * {@code a | name(...)}.
     *
     * @param of null for the text of a block
     */
    record Filter(Expression of, String name, Passed passed, int line) implements Expression {}

    /** {@code a is name(...)}. */
    record Test(Expression of, String name, Passed passed, int line) implements Expression {}

    /**
     * What stands in a call's parentheses.
     *
     * @param all what follows {@code *}, or null
     * @param allNamed what follows {@code **}, or null
     */
    record Passed(
            List<Expression> positional,
            List<String> names,
            List<Expression> named,
            Expression all,
            Expression allNamed) {
        static final Passed NOTHING = new Passed(List.of(), List.of(), List.of(), null, null);
    }

    /** Operators that make a new value of two. */
    enum Arithmetic {
        ADD("+"),
        SUBTRACT("-"),
        MULTIPLY("*"),
        DIVIDE("/"),
        FLOOR_DIVIDE("//"),
        MODULO("%"),
        POWER("**");

        private final String symbol;

        Arithmetic(String symbol) {
            this.symbol = symbol;
        }

        String symbol() {
            return symbol;
        }
    }

    /** Operators that compare two. */
    enum Comparison {
        EQUAL("=="),
        NOT_EQUAL("!="),
        LESS("<"),
        LESS_OR_EQUAL("<="),
        GREATER(">"),
        GREATER_OR_EQUAL(">="),
        IN("in"),
        NOT_IN("not in");

        private final String symbol;

        Comparison(String symbol) {
            this.symbol = symbol;
        }

        String symbol() {
            return symbol;
        }
    }
}
