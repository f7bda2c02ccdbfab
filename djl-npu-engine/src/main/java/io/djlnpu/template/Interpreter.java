package io.djlnpu.template;

import io.djlnpu.template.Statement.Block;
import io.djlnpu.template.Statement.Branch;
import io.djlnpu.template.Statement.Target;
import io.djlnpu.template.TemplateException.Kind;
import io.djlnpu.template.Value.Text;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** Runs statements. One for one rendering. */
final class Interpreter {

    /** How a statement ends. */
    private enum Flow {
        NEXT,
        CONTINUE,
        BREAK
    }

    private final Budget budget;
    private final Evaluator evaluator;

    Interpreter(Budget budget) {
        this.budget = budget;
        evaluator = new Evaluator(budget);
    }

    String render(Block root, Map<String, Value> given) {
        StringBuilder out = new StringBuilder();
        run(root.body(), new Frame(root.scope(), given), out);
        return out.toString();
    }

    private Flow run(List<Statement> body, Frame frame, StringBuilder out) {
        budget.enter();
        for (Statement statement : body) {
            Flow flow = run(statement, frame, out);
            if (flow != Flow.NEXT) {
                budget.leave();
                return flow;
            }
        }
        budget.leave();
        return Flow.NEXT;
    }

    private Flow run(Statement statement, Frame frame, StringBuilder out) {
        budget.step();
        switch (statement) {
            case Statement.Data data -> write(data.text(), out);
            case Statement.Print print ->
                    at(print.line(), () -> write(text(print.value(), frame), out));
            case Statement.Assign assign -> at(assign.line(), () -> assign(assign, frame));
            case Statement.AssignBlock block -> at(block.line(), () -> assign(block, frame));
            case Statement.If condition -> {
                return condition(condition, frame, out);
            }
            case Statement.For loop -> {
                return loop(loop, frame, out);
            }
            case Statement.Macro macro -> frame.set(macro.name(), new Macro(macro, frame, this));
            case Statement.CallBlock block -> at(block.line(), () -> call(block, frame, out));
            case Statement.FilterBlock block -> at(block.line(), () -> filter(block, frame, out));
            case Statement.With with -> {
                return with(with, frame, out);
            }
            case Statement.Scoped scoped -> {
                return run(scoped.body().body(), frame.enter(scoped.body().scope()), out);
            }
            case Statement.Break end -> {
                return Flow.BREAK;
            }
            case Statement.Continue next -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.NEXT;
    }

    private static void at(int line, Runnable work) {
        try {
            work.run();
        } catch (TemplateException e) {
            throw e.at(line);
        }
    }

    private void write(String text, StringBuilder out) {
        budget.output((long) out.length() + text.length());
        budget.work(text.length() >> 6);
        out.append(text);
    }

    private String text(Expression value, Frame frame) {
        return Printer.str(evaluator.evaluate(value, frame), budget);
    }

    private void assign(Statement.Assign assign, Frame frame) {
        requireNamespaces(assign.target(), frame);
        assign(assign.target(), evaluator.evaluate(assign.value(), frame), frame);
    }

    private static void requireNamespaces(Target target, Frame frame) {
        switch (target) {
            case Target.Variable variable -> {}
            case Target.Part part -> namespace(part, frame);
            case Target.Several several ->
                    several.targets().forEach(one -> requireNamespaces(one, frame));
        }
    }

    private static Value.Namespace namespace(Target.Part part, Frame frame) {
        if (frame.get(part.namespace()) instanceof Value.Namespace namespace) {
            return namespace;
        }
        throw TemplateException.value(
                "'%s' is no namespace, so '%s' cannot be set"
                        .formatted(part.namespace(), part.attribute()));
    }

    private void assign(Target target, Value value, Frame frame) {
        switch (target) {
            case Target.Variable variable -> frame.set(variable.name(), value);
            case Target.Part part -> {
                budget.items(1);
                namespace(part, frame).attributes().put(part.attribute(), value);
            }
            case Target.Several several -> {
                Iterator<Value> values = Sequences.iterator(value, budget);
                int wanted = several.targets().size();
                List<Value> taken = new ArrayList<>(wanted);
                while (taken.size() < wanted && values.hasNext()) {
                    taken.add(values.next());
                }
                if (taken.size() < wanted || values.hasNext()) {
                    throw TemplateException.value(
                            "%s values to unpack than the %d names"
                                    .formatted(taken.size() < wanted ? "fewer" : "more", wanted));
                }
                for (int i = 0; i < wanted; i++) {
                    assign(several.targets().get(i), taken.get(i), frame);
                }
            }
        }
    }

    private void assign(Statement.AssignBlock block, Frame frame) {
        Frame inner = frame.enter(block.body().scope());
        StringBuilder text = new StringBuilder();
        run(block.body().body(), inner, text);
        budget.text(text.length());
        Value value = Text.of(text.toString());
        if (block.filter() != null) {
            value = evaluator.filterBlock(block.filter(), (Text) value, inner);
        }
        assign(block.target(), value, frame);
    }

    private Flow condition(Statement.If condition, Frame frame, StringBuilder out) {
        for (Branch branch : condition.branches()) {
            boolean holds;
            try {
                holds = Sequences.isTrue(evaluator.evaluate(branch.test(), frame));
            } catch (TemplateException e) {
                throw e.at(branch.line());
            }
            if (holds) {
                return run(branch.body(), frame, out);
            }
        }
        return run(condition.otherwise(), frame, out);
    }

    private Text recursive(Statement.For loop, Value values, int depth, Frame frame) {
        budget.enter();
        StringBuilder text = new StringBuilder();
        loop(loop, values, depth, frame, text);
        budget.leave();
        budget.text(text.length());
        return Text.of(text.toString());
    }

    private Flow loop(Statement.For loop, Frame frame, StringBuilder out) {
        try {
            Value values = evaluator.evaluate(loop.values(), frame);
            if (!loop.recursive()) {
                return loop(loop, values, 0, frame, out);
            }
            write(recursive(loop, values, 0, frame).string(), out);
            return Flow.NEXT;
        } catch (TemplateException e) {
            throw e.at(loop.line());
        }
    }

    /** Its end is that of its 'else', where a jump belongs to the loop around. */
    private Flow loop(Statement.For loop, Value values, int depth, Frame frame, StringBuilder out) {
        Iterator<Value> items = Sequences.iterator(values, budget);
        long length = Sequences.lengthOrNone(values);
        if (loop.test() != null) {
            items = tested(loop, items, frame);
            length = -1;
        }
        Loop state =
                new Loop(
                        items,
                        length,
                        loop.recursive() ? more -> recursive(loop, more, depth + 1, frame) : null,
                        depth,
                        budget);
        // As in Jinja2, only an iteration that comes to its end keeps 'else' from running.
        boolean otherwise = true;
        while (state.hasNext()) {
            budget.step();
            Frame inner = frame.enter(loop.body().scope());
            Value item = state.next();
            assign(loop.target(), item, inner);
            inner.set("loop", state);
            Flow flow = run(loop.body().body(), inner, out);
            if (flow == Flow.BREAK) {
                break;
            }
            otherwise &= flow == Flow.CONTINUE;
        }
        return otherwise && loop.otherwise() != null
                ? run(loop.otherwise().body(), frame.enter(loop.otherwise().scope()), out)
                : Flow.NEXT;
    }

    private Iterator<Value> tested(Statement.For loop, Iterator<Value> items, Frame frame) {
        Frame inner = frame.enter(loop.testScope().scope());
        return new Iterator<>() {
            private Value next;

            @Override
            public boolean hasNext() {
                while (next == null && items.hasNext()) {
                    Value item = items.next();
                    assign(loop.target(), item, inner);
                    if (Sequences.isTrue(evaluator.evaluate(loop.test(), inner))) {
                        next = item;
                    }
                }
                return next != null;
            }

            @Override
            public Value next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Value item = next;
                next = null;
                return item;
            }
        };
    }

    private void call(Statement.CallBlock block, Frame frame, StringBuilder out) {
        Macro caller = new Macro(block.body(), frame, this);
        write(Printer.str(evaluator.call(block.call(), caller, frame), budget), out);
    }

    private void filter(Statement.FilterBlock block, Frame frame, StringBuilder out) {
        Frame inner = frame.enter(block.body().scope());
        StringBuilder text = new StringBuilder();
        run(block.body().body(), inner, text);
        budget.text(text.length());
        Value filtered = evaluator.filterBlock(block.filter(), Text.of(text.toString()), inner);
        write(Printer.str(filtered, budget), out);
    }

    private Flow with(Statement.With with, Frame frame, StringBuilder out) {
        Frame inner = frame.enter(with.body().scope());
        for (int i = 0; i < with.targets().size(); i++) {
            try {
                assign(
                        with.targets().get(i),
                        evaluator.evaluate(with.values().get(i), frame),
                        inner);
            } catch (TemplateException e) {
                throw e.at(with.line());
            }
        }
        return run(with.body().body(), inner, out);
    }

    /** Runs a macro's body in its own frame, whose parameters are set; null are not given. */
    Value invoke(Statement.Macro macro, Frame frame) {
        budget.enter();
        int firstDefault = macro.parameters().size() - macro.defaults().size();
        for (int i = 0; i < macro.parameters().size(); i++) {
            String name = macro.parameters().get(i);
            if (frame.get(name) == null) {
                frame.set(
                        name,
                        i < firstDefault
                                ? Value.Undefined.of("parameter '" + name + "' was not provided")
                                : evaluator.evaluate(
                                        macro.defaults().get(i - firstDefault), frame));
            }
        }
        StringBuilder text = new StringBuilder();
        run(macro.body().body(), frame, text);
        budget.leave();
        budget.text(text.length());
        return Text.of(text.toString());
    }

    static TemplateException raised(String message) {
        return new TemplateException(Kind.RAISED, 0, message);
    }
}
