package io.djlnpu.template;

import io.djlnpu.template.Statement.Block;
import io.djlnpu.template.Statement.Target;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Goes through all names of a part of a template, inner scopes included. */
final class NameWalk {

    /** Is told each name, and whether it is read there. */
    @FunctionalInterface
    interface Visitor {
        void name(String name, boolean loaded);
    }

    private NameWalk() {}

    /** Those of the names that are read before they are assigned. */
    static Set<String> undeclared(List<Statement> body, Set<String> names) {
        Set<String> open = new HashSet<>(names);
        Set<String> read = new HashSet<>();
        of(
                body,
                (name, loaded) -> {
                    if (loaded && open.contains(name)) {
                        read.add(name);
                    } else if (!loaded) {
                        open.remove(name);
                    }
                });
        return read;
    }

    private static void of(List<Statement> body, Visitor visitor) {
        body.forEach(statement -> of(statement, visitor));
    }

    private static void of(Block block, Visitor visitor) {
        if (block != null) {
            of(block.body(), visitor);
        }
    }

    private static void of(Statement statement, Visitor visitor) {
        switch (statement) {
            case Statement.Data data -> {}
            case Statement.Print print -> of(print.value(), visitor);
            case Statement.Assign assign -> {
                of(assign.target(), visitor);
                of(assign.value(), visitor);
            }
            case Statement.AssignBlock assign -> {
                of(assign.target(), visitor);
                of(assign.filter(), visitor);
                of(assign.body(), visitor);
            }
            case Statement.If condition -> {
                condition
                        .branches()
                        .forEach(
                                branch -> {
                                    of(branch.test(), visitor);
                                    of(branch.body(), visitor);
                                });
                of(condition.otherwise(), visitor);
            }
            case Statement.For loop -> {
                of(loop.target(), visitor);
                of(loop.values(), visitor);
                of(loop.body(), visitor);
                of(loop.otherwise(), visitor);
                of(loop.test(), visitor);
            }
            case Statement.Macro macro -> macro(macro, visitor);
            case Statement.CallBlock call -> {
                of(call.call(), visitor);
                macro(call.body(), visitor);
            }
            case Statement.FilterBlock filter -> {
                of(filter.body(), visitor);
                of(filter.filter(), visitor);
            }
            case Statement.With with -> {
                with.targets().forEach(target -> of(target, visitor));
                with.values().forEach(value -> of(value, visitor));
                of(with.body(), visitor);
            }
            case Statement.Scoped scoped -> of(scoped.body(), visitor);
            case Statement.Break end -> {}
            case Statement.Continue next -> {}
        }
    }

    private static void macro(Statement.Macro macro, Visitor visitor) {
        macro.parameters().forEach(name -> visitor.name(name, false));
        macro.defaults().forEach(value -> of(value, visitor));
        of(macro.body(), visitor);
    }

    private static void of(Target target, Visitor visitor) {
        switch (target) {
            case Target.Variable variable -> visitor.name(variable.name(), false);
            case Target.Part part -> {}
            case Target.Several several -> several.targets().forEach(one -> of(one, visitor));
        }
    }

    /** The names that an expression reads; null has none. */
    static void of(Expression expression, Visitor visitor) {
        switch (expression) {
            case null -> {}
            case Expression.Literal literal -> {}
            case Expression.Name name -> visitor.name(name.name(), true);
            case Expression.Listing listing -> all(listing.items(), visitor);
            case Expression.Mapping mapping -> {
                all(mapping.keys(), visitor);
                all(mapping.values(), visitor);
            }
            case Expression.Sign sign -> of(sign.of(), visitor);
            case Expression.Not not -> of(not.of(), visitor);
            case Expression.Choice choice -> all(List.of(choice.left(), choice.right()), visitor);
            case Expression.Binary binary -> all(List.of(binary.left(), binary.right()), visitor);
            case Expression.Concat concat -> all(concat.parts(), visitor);
            case Expression.Chain chain -> {
                of(chain.first(), visitor);
                chain.links().forEach(link -> of(link.with(), visitor));
            }
            case Expression.Conditional conditional -> {
                of(conditional.test(), visitor);
                of(conditional.then(), visitor);
                of(conditional.otherwise(), visitor);
            }
            case Expression.Attribute attribute -> of(attribute.of(), visitor);
            case Expression.Item item -> all(List.of(item.of(), item.index()), visitor);
            case Expression.Slice slice -> {
                of(slice.of(), visitor);
                of(slice.start(), visitor);
                of(slice.stop(), visitor);
                of(slice.step(), visitor);
            }
            case Expression.Call call -> {
                of(call.callee(), visitor);
                passed(call.passed(), visitor);
            }
            case Expression.Filter filter -> {
                of(filter.of(), visitor);
                passed(filter.passed(), visitor);
            }
            case Expression.Test test -> {
                of(test.of(), visitor);
                passed(test.passed(), visitor);
            }
        }
    }

    private static void all(List<Expression> expressions, Visitor visitor) {
        expressions.forEach(expression -> of(expression, visitor));
    }

    private static void passed(Expression.Passed passed, Visitor visitor) {
        all(passed.positional(), visitor);
        all(passed.named(), visitor);
        of(passed.all(), visitor);
        of(passed.allNamed(), visitor);
    }
}
