package io.djlnpu.template;

import java.util.List;

/** A part of a template that does something. */
sealed interface Statement {

    /** Text between tags. */
    record Data(String text) implements Statement {}

    /** {@code {{ value }}}. */
    record Print(Expression value, int line) implements Statement {}

    /** {@code {% set target = value %}}. */
    record Assign(Target target, Expression value, int line) implements Statement {}

    /**
     * {@code {% set target %}...{% endset %}}.
     *
     * @param filter what the text goes through, or null
     */
    record AssignBlock(Target target, Expression filter, Block body, int line)
            implements Statement {}

    /** {@code {% if %}}, its {@code elif}s and {@code else}. */
    record If(List<Branch> branches, List<Statement> otherwise, int line) implements Statement {}

    /** A test and what is done if it holds. */
    record Branch(Expression test, List<Statement> body, int line) {}

    /**
     * {@code {% for target in values if test recursive %}}.
     *
     * @param test a scope with the target and the test; null without one
     * @param otherwise null without {@code else}
     */
    record For(
            Target target,
            Expression values,
            Expression test,
            Block testScope,
            boolean recursive,
            Block body,
            Block otherwise,
            int line)
            implements Statement {}

    /** {@code {% macro name(parameters) %}}, or with a name of null the body of a call block. */
    record Macro(
            String name,
            List<String> parameters,
            List<Expression> defaults,
            Block body,
            boolean takesCaller,
            boolean takesNamed,
            boolean takesMore,
            int line)
            implements Statement {}

    /** {@code {% call(parameters) callee() %}}. */
    record CallBlock(Expression.Call call, Macro body, int line) implements Statement {}

    /** {@code {% filter name %}}. */
    record FilterBlock(Expression filter, Block body, int line) implements Statement {}

    /** {@code {% with a = b %}}. */
    record With(List<Target> targets, List<Expression> values, Block body, int line)
            implements Statement {}

    /** {@code {% generation %}}, {@code {% autoescape false %}}: a scope of its own. */
    record Scoped(Block body, int line) implements Statement {}

    /** {@code {% break %}}. */
    record Break() implements Statement {}

    /** {@code {% continue %}}. */
    record Continue() implements Statement {}

    /** Statements with a scope, which is known once the whole template is read. */
    record Block(List<Statement> body, Scope scope) {}

    /** What can be assigned to. */
    sealed interface Target {

        /** A variable. */
        record Variable(String name) implements Target {}

        /** A part of a namespace. */
        record Part(String namespace, String attribute) implements Target {}

        /** Several at once. */
        record Several(List<Target> targets) implements Target {}
    }
}
