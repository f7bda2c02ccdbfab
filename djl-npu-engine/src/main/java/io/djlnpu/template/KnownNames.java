package io.djlnpu.template;

import io.djlnpu.template.Expression.Filter;
import io.djlnpu.template.Expression.Passed;
import io.djlnpu.template.Expression.Test;
import io.djlnpu.template.Statement.Block;
import io.djlnpu.template.Statement.Branch;
import java.util.List;

/**
 * Refuses filters and tests that do not exist. As in Jinja2, one that stands below a condition is
 * only refused when it is reached, since the condition may have asked for it; one that Jinja2 has
 * and this interpreter has not is refused anywhere.
 */
final class KnownNames {

    private KnownNames() {}

    static void check(Block block) {
        if (block != null) {
            check(block.body(), false);
        }
    }

    private static void check(List<Statement> body, boolean soft) {
        body.forEach(statement -> check(statement, soft));
    }

    private static void check(Statement statement, boolean soft) {
        switch (statement) {
            case Statement.Data data -> {}
            case Statement.Print print -> check(print.value(), soft);
            case Statement.Assign assign -> check(assign.value(), soft);
            case Statement.AssignBlock assign -> {
                check(assign.filter(), false);
                check(assign.body());
            }
            case Statement.If condition -> {
                for (Branch branch : condition.branches()) {
                    check(branch.test(), true);
                    check(branch.body(), true);
                }
                check(condition.otherwise(), true);
            }
            case Statement.For loop -> {
                check(loop.values(), soft);
                check(loop.test(), false);
                check(loop.body());
                check(loop.otherwise());
            }
            case Statement.Macro macro -> macro(macro);
            case Statement.CallBlock call -> {
                check(call.call(), soft);
                macro(call.body());
            }
            case Statement.FilterBlock filter -> {
                check(filter.filter(), false);
                check(filter.body());
            }
            case Statement.With with -> {
                with.values().forEach(value -> check(value, soft));
                check(with.body());
            }
            case Statement.Scoped scoped -> check(scoped.body());
            case Statement.Break end -> {}
            case Statement.Continue next -> {}
        }
    }

    private static void macro(Statement.Macro macro) {
        macro.defaults().forEach(value -> check(value, false));
        check(macro.body());
    }

    private static void check(Expression expression, boolean soft) {
        switch (expression) {
            case null -> {}
            case Expression.Literal literal -> {}
            case Expression.Name name -> {}
            case Expression.Listing listing -> all(listing.items(), soft);
            case Expression.Mapping mapping -> {
                all(mapping.keys(), soft);
                all(mapping.values(), soft);
            }
            case Expression.Sign sign -> check(sign.of(), soft);
            case Expression.Not not -> check(not.of(), soft);
            case Expression.Choice choice -> all(List.of(choice.left(), choice.right()), soft);
            case Expression.Binary binary -> all(List.of(binary.left(), binary.right()), soft);
            case Expression.Concat concat -> all(concat.parts(), soft);
            case Expression.Chain chain -> {
                check(chain.first(), soft);
                chain.links().forEach(link -> check(link.with(), soft));
            }
            case Expression.Conditional conditional -> {
                check(conditional.test(), true);
                check(conditional.then(), true);
                check(conditional.otherwise(), true);
            }
            case Expression.Attribute attribute -> check(attribute.of(), soft);
            case Expression.Item item -> all(List.of(item.of(), item.index()), soft);
            case Expression.Slice slice -> {
                check(slice.of(), soft);
                check(slice.start(), soft);
                check(slice.stop(), soft);
                check(slice.step(), soft);
            }
            case Expression.Call call -> {
                check(call.callee(), soft);
                passed(call.passed(), soft);
            }
            case Filter filter -> {
                if (!Filters.exists(filter.name()) && (!soft || Filters.isMissing(filter.name()))) {
                    throw TemplateException.unknown(
                            filter.line(), "unknown filter '" + filter.name() + "'");
                }
                check(filter.of(), soft);
                passed(filter.passed(), soft);
            }
            case Test test -> {
                if (!Tests.exists(test.name()) && !soft) {
                    throw TemplateException.unknown(
                            test.line(), "unknown test '" + test.name() + "'");
                }
                check(test.of(), soft);
                passed(test.passed(), soft);
            }
        }
    }

    private static void all(List<Expression> expressions, boolean soft) {
        expressions.forEach(expression -> check(expression, soft));
    }

    private static void passed(Passed passed, boolean soft) {
        all(passed.positional(), soft);
        all(passed.named(), soft);
        check(passed.all(), soft);
        check(passed.allNamed(), soft);
    }
}
