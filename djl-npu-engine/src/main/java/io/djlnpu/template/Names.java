package io.djlnpu.template;

import io.djlnpu.template.Statement.Block;
import io.djlnpu.template.Statement.Branch;
import io.djlnpu.template.Statement.Target;
import java.util.List;

/**
 * Finds out which scope each name belongs to, in the order in which Jinja2's compiler looks: a
 * scope's own statements first, then the scopes inside it.
 */
final class Names {

    private Names() {}

    static void analyze(Block root) {
        follow(root.body(), root.scope());
        root.body().forEach(statement -> enter(statement, root.scope()));
    }

    private static void follow(List<Statement> body, Scope scope) {
        body.forEach(statement -> follow(statement, scope));
    }

    /** The names that a statement reads and assigns in the scope that it stands in. */
    private static void follow(Statement statement, Scope scope) {
        switch (statement) {
            case Statement.Data data -> {}
            case Statement.Print print -> loads(print.value(), scope);
            case Statement.Assign assign -> {
                loads(assign.value(), scope);
                stores(assign.target(), scope);
            }
            case Statement.AssignBlock assign -> stores(assign.target(), scope);
            case Statement.If condition -> follow(condition, scope);
            case Statement.For loop -> loads(loop.values(), scope);
            case Statement.Macro macro -> scope.store(macro.name());
            case Statement.CallBlock call -> loads(call.call(), scope);
            case Statement.FilterBlock filter -> loads(filter.filter(), scope);
            case Statement.With with -> with.values().forEach(value -> loads(value, scope));
            case Statement.Scoped scoped -> {}
            case Statement.Break end -> {}
            case Statement.Continue next -> {}
        }
    }

    private static void follow(Statement.If condition, Scope scope) {
        Branch first = condition.branches().getFirst();
        loads(first.test(), scope);
        Scope then = scope.copy();
        follow(first.body(), then);
        Scope others = scope.copy();
        for (Branch branch : condition.branches().subList(1, condition.branches().size())) {
            loads(branch.test(), others);
            Scope taken = others.copy();
            follow(branch.body(), taken);
            others.join(List.of(taken, others.copy(), others.copy()));
        }
        Scope otherwise = scope.copy();
        follow(condition.otherwise(), otherwise);
        scope.join(List.of(then, others, otherwise));
    }

    /** The scopes that a statement opens. */
    private static void enter(Statement statement, Scope outer) {
        switch (statement) {
            case Statement.Data data -> {}
            case Statement.Print print -> {}
            case Statement.Assign assign -> {}
            case Statement.AssignBlock assign -> inner(assign.body(), outer);
            case Statement.If condition -> {
                for (Branch branch : condition.branches()) {
                    branch.body().forEach(inside -> enter(inside, outer));
                }
                condition.otherwise().forEach(inside -> enter(inside, outer));
            }
            case Statement.For loop -> enter(loop, outer);
            case Statement.Macro macro -> enter(macro, outer);
            case Statement.CallBlock call -> enter(call.body(), outer);
            case Statement.FilterBlock filter -> {
                filter.body().scope().within(outer);
                follow(filter.body().body(), filter.body().scope());
                loads(filter.filter(), filter.body().scope());
                filter.body().body().forEach(inside -> enter(inside, filter.body().scope()));
            }
            case Statement.With with -> {
                with.body().scope().within(outer);
                with.targets().forEach(target -> parameters(target, with.body().scope()));
                inner(with.body(), outer);
            }
            case Statement.Scoped scoped -> inner(scoped.body(), outer);
            case Statement.Break end -> {}
            case Statement.Continue next -> {}
        }
    }

    private static void inner(Block block, Scope outer) {
        block.scope().within(outer);
        follow(block.body(), block.scope());
        block.body().forEach(inside -> enter(inside, block.scope()));
    }

    private static void enter(Statement.For loop, Scope outer) {
        Scope scope = loop.body().scope();
        scope.within(outer);
        scope.parameter("loop");
        parameters(loop.target(), scope);
        inner(loop.body(), outer);
        if (loop.otherwise() != null) {
            inner(loop.otherwise(), outer);
        }
        if (loop.test() != null) {
            loop.testScope().scope().within(outer);
            parameters(loop.target(), loop.testScope().scope());
            loads(loop.test(), loop.testScope().scope());
        }
    }

    private static void enter(Statement.Macro macro, Scope outer) {
        Scope scope = macro.body().scope();
        scope.within(outer);
        macro.parameters().forEach(scope::parameter);
        macro.defaults().forEach(value -> loads(value, scope));
        follow(macro.body().body(), scope);
        if (macro.takesCaller()) {
            scope.parameter("caller");
        }
        if (macro.takesNamed()) {
            scope.parameter("kwargs");
        }
        if (macro.takesMore()) {
            scope.parameter("varargs");
        }
        macro.body().body().forEach(inside -> enter(inside, scope));
    }

    private static void stores(Target target, Scope scope) {
        switch (target) {
            case Target.Variable variable -> scope.store(variable.name());
            case Target.Part part -> scope.load(part.namespace());
            case Target.Several several -> several.targets().forEach(one -> stores(one, scope));
        }
    }

    private static void parameters(Target target, Scope scope) {
        switch (target) {
            case Target.Variable variable -> scope.parameter(variable.name());
            case Target.Part part -> scope.load(part.namespace());
            case Target.Several several -> several.targets().forEach(one -> parameters(one, scope));
        }
    }

    private static void loads(Expression expression, Scope scope) {
        NameWalk.of(expression, (name, loaded) -> scope.load(name));
    }
}
