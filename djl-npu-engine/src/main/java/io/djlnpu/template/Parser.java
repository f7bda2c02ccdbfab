package io.djlnpu.template;

import io.djlnpu.template.Statement.Block;
import io.djlnpu.template.Statement.Branch;
import io.djlnpu.template.Statement.Target;
import io.djlnpu.template.TemplateException.Kind;
import io.djlnpu.template.Token.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads a template's statements. */
final class Parser {

    private static final Set<String> CONSTANTS =
            Set.of("true", "false", "none", "True", "False", "None");
    private static final Set<String> OTHER_TEMPLATES =
            Set.of("include", "import", "from", "extends", "block");

    private final Cursor cursor;
    private final ExpressionParser expressions;

    /** Loops around, in all and since the last macro: where names and jumps are checked. */
    private int loops;

    private int loopsToLeave;

    private Parser(List<Token> tokens) {
        cursor = new Cursor(tokens);
        expressions = new ExpressionParser(cursor);
    }

    /**
     * Reads a whole template.
     *
     * @throws TemplateException if it is none, or uses what is not offered here
     */
    static Block parse(List<Token> tokens) {
        Parser parser = new Parser(tokens);
        Block root = new Block(parser.statements(Set.of()), new Scope());
        Names.analyze(root);
        KnownNames.check(root);
        return root;
    }

    /** Reads up to a tag of one of these names, which becomes the current token. */
    private List<Statement> statements(Set<String> ends) {
        cursor.enter();
        List<Statement> body = new ArrayList<>();
        while (true) {
            Token token = cursor.current();
            switch (token.type()) {
                case END -> {
                    if (!ends.isEmpty()) {
                        throw cursor.unexpected("'" + String.join("' or '", ends) + "'");
                    }
                    cursor.leave();
                    return body;
                }
                case DATA -> body.add(new Statement.Data(cursor.next().text()));
                case VARIABLE_BEGIN -> {
                    cursor.next();
                    int line = cursor.line();
                    body.add(new Statement.Print(expressions.tuple(true, null, false), line));
                    cursor.expect(Type.VARIABLE_END);
                }
                default -> {
                    cursor.expect(Type.BLOCK_BEGIN);
                    Token tag = cursor.current();
                    if (tag.type() == Type.NAME && ends.contains(tag.text())) {
                        cursor.leave();
                        return body;
                    }
                    statement(body);
                    cursor.expect(Type.BLOCK_END);
                }
            }
        }
    }

    /** Reads a tag's body up to its end tag, the tag's own end first. */
    private List<Statement> bodyUpTo(String... ends) {
        cursor.skipOperator(":");
        cursor.expect(Type.BLOCK_END);
        return statements(Set.of(ends));
    }

    private Block block(String end) {
        Block block = new Block(bodyUpTo(end), new Scope());
        cursor.next();
        return block;
    }

    private void statement(List<Statement> body) {
        Token tag = cursor.expect(Type.NAME);
        int line = tag.line();
        switch (tag.text()) {
            case "set" -> body.add(set(line));
            case "if" -> body.add(condition(line));
            case "for" -> body.add(loop(line));
            case "macro" -> {
                String name = variable();
                body.add(macro(name, line, "endmacro"));
            }
            case "call" -> body.add(callBlock(line));
            case "filter" -> body.add(filterBlock(line));
            case "with" -> body.add(with(line));
            case "generation" -> body.add(new Statement.Scoped(function("endgeneration"), line));
            case "autoescape" -> body.add(autoescape(line));
            case "print" -> print(body);
            case "break" -> {
                jump(tag);
                body.add(new Statement.Break());
            }
            case "continue" -> {
                jump(tag);
                body.add(new Statement.Continue());
            }
            default -> throw unknown(tag);
        }
    }

    private TemplateException unknown(Token tag) {
        return TemplateException.unknown(
                tag.line(),
                OTHER_TEMPLATES.contains(tag.text())
                        ? "tag '" + tag.text() + "': a template stands alone here"
                        : "unknown tag '" + tag.text() + "'");
    }

    private void jump(Token tag) {
        if (loopsToLeave == 0) {
            throw new TemplateException(
                    Kind.SYNTAX, tag.line(), "'" + tag.text() + "' outside of a loop");
        }
    }

    private void print(List<Statement> body) {
        boolean first = true;
        while (cursor.current().type() != Type.BLOCK_END) {
            if (!first) {
                cursor.expectOperator(",");
            }
            first = false;
            int line = cursor.line();
            body.add(new Statement.Print(expressions.expression(), line));
        }
    }

    private Statement set(int line) {
        Target target = targets(null, true);
        if (cursor.skipOperator("=")) {
            return new Statement.Assign(target, expressions.tuple(true, null, false), line);
        }
        Expression filter = null;
        while (cursor.skipOperator("|")) {
            filter = expressions.filter(filter);
        }
        return new Statement.AssignBlock(target, filter, block("endset"), line);
    }

    private Target targets(String endName, boolean withParts) {
        List<Target> targets = new ArrayList<>();
        boolean several = false;
        while (true) {
            if (!targets.isEmpty()) {
                cursor.expectOperator(",");
            }
            if (expressions.atTupleEnd(endName)) {
                break;
            }
            targets.add(target(withParts));
            if (!cursor.current().isOperator(",")) {
                break;
            }
            several = true;
        }
        if (targets.isEmpty()) {
            throw cursor.unexpected("a name to assign to");
        }
        return several ? new Target.Several(targets) : targets.getFirst();
    }

    private Target target(boolean withParts) {
        if (cursor.skipOperator("(")) {
            Target inside = targets(null, withParts);
            cursor.expectOperator(")");
            return inside;
        }
        String name = variable();
        if (withParts && cursor.skipOperator(".")) {
            return new Target.Part(name, cursor.expect(Type.NAME).text());
        }
        if (loops > 0 && name.equals("loop")) {
            throw cursor.wrong("'loop' cannot be assigned to in a loop");
        }
        return new Target.Variable(name);
    }

    private String variable() {
        if (CONSTANTS.contains(cursor.current().text())) {
            throw cursor.wrong("'" + cursor.current().text() + "' cannot be assigned to");
        }
        return cursor.expect(Type.NAME).text();
    }

    private Statement condition(int line) {
        List<Branch> branches = new ArrayList<>();
        int at = line;
        while (true) {
            Expression test = expressions.tuple(false, null, false);
            branches.add(new Branch(test, bodyUpTo("elif", "else", "endif"), at));
            Token tag = cursor.next();
            if (tag.isName("elif")) {
                at = tag.line();
                continue;
            }
            List<Statement> otherwise = List.of();
            if (tag.isName("else")) {
                otherwise = bodyUpTo("endif");
                cursor.next();
            }
            return new Statement.If(branches, otherwise, line);
        }
    }

    private Statement loop(int line) {
        loops++;
        Target target = targets("in", false);
        cursor.expectName("in");
        loops--;
        Expression values = expressions.tuple(false, "recursive", false);
        Expression test = cursor.skipName("if") ? expressions.expression() : null;
        boolean recursive = cursor.skipName("recursive");
        loops++;
        int outside = loopsToLeave;
        loopsToLeave = recursive ? 1 : loopsToLeave + 1;
        Block body = new Block(bodyUpTo("endfor", "else"), new Scope());
        loopsToLeave = recursive ? 0 : outside;
        Block otherwise = cursor.next().isName("else") ? block("endfor") : null;
        loopsToLeave = outside;
        loops--;
        Block testScope = new Block(List.of(), new Scope());
        return new Statement.For(target, values, test, testScope, recursive, body, otherwise, line);
    }

    /** A body that Jinja2 makes a function of, which no jump leaves. */
    private Block function(String end) {
        int outside = loopsToLeave;
        loopsToLeave = 0;
        Block block = block(end);
        loopsToLeave = outside;
        return block;
    }

    private Statement.Macro macro(String name, int line, String end) {
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        signature(parameters, defaults);
        return macro(name, parameters, defaults, line, end);
    }

    private void signature(List<String> parameters, List<Expression> defaults) {
        cursor.expectOperator("(");
        while (!cursor.current().isOperator(")")) {
            if (!parameters.isEmpty()) {
                cursor.expectOperator(",");
            }
            parameters.add(variable());
            if (cursor.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw cursor.wrong("a parameter without a default behind one that has one");
            }
        }
        cursor.next();
        if (new HashSet<>(parameters).size() < parameters.size()) {
            throw cursor.wrong("two parameters of one name");
        }
    }

    private Statement.Macro macro(
            String name, List<String> parameters, List<Expression> defaults, int line, String end) {
        Block body = function(end);
        Set<String> special =
                NameWalk.undeclared(body.body(), Set.of("caller", "kwargs", "varargs"));
        int caller = parameters.indexOf("caller");
        if (special.contains("caller")
                && caller >= 0
                && caller < parameters.size() - defaults.size()) {
            throw new TemplateException(
                    Kind.SYNTAX, line, "the parameter 'caller' must have a default");
        }
        return new Statement.Macro(
                name,
                parameters,
                defaults,
                body,
                special.contains("caller"),
                special.contains("kwargs") && !parameters.contains("kwargs"),
                special.contains("varargs") && !parameters.contains("varargs"),
                line);
    }

    private Statement callBlock(int line) {
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        if (cursor.current().isOperator("(")) {
            signature(parameters, defaults);
        }
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw new TemplateException(Kind.SYNTAX, line, "expected a call behind 'call'");
        }
        return new Statement.CallBlock(
                call, macro(null, parameters, defaults, line, "endcall"), line);
    }

    private Statement filterBlock(int line) {
        Expression filter = expressions.filter(null);
        while (cursor.skipOperator("|")) {
            filter = expressions.filter(filter);
        }
        return new Statement.FilterBlock(filter, block("endfilter"), line);
    }

    private Statement with(int line) {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (cursor.current().type() != Type.BLOCK_END) {
            if (!targets.isEmpty()) {
                cursor.expectOperator(",");
            }
            targets.add(targets(null, false));
            cursor.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statement.With(targets, values, block("endwith"), line);
    }

    private Statement autoescape(int line) {
        Expression on = expressions.expression();
        if (!on.equals(new Expression.Literal(Value.Bool.FALSE))) {
            throw TemplateException.unknown(line, "tag 'autoescape' with anything but false");
        }
        return new Statement.Scoped(block("endautoescape"), line);
    }
}
