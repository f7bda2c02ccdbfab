package io.djlnpu.template;

import io.djlnpu.template.TemplateException.Kind;
import io.djlnpu.template.Token.Type;
import java.util.List;

/** Goes through the tokens of a template. */
final class Cursor {

    /** As deep as CPython compiles what Jinja2 makes of an expression. */
    private static final int MAX_DEPTH = 200;

    private final List<Token> tokens;
    private int at;
    private int depth;

    Cursor(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token look() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = current();
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    int line() {
        return current().line();
    }

    boolean skipOperator(String operator) {
        boolean found = current().isOperator(operator);
        if (found) {
            next();
        }
        return found;
    }

    boolean skipName(String name) {
        boolean found = current().isName(name);
        if (found) {
            next();
        }
        return found;
    }

    Token expect(Type type) {
        if (current().type() != type) {
            throw unexpected(new Token(type, "name", null, 0).described());
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    TemplateException unexpected(String expected) {
        return wrong("unexpected " + current().described() + ", expected " + expected);
    }

    TemplateException wrong(String reason) {
        return new TemplateException(Kind.SYNTAX, line(), reason);
    }

    void enter() {
        if (++depth > MAX_DEPTH) {
            throw new TemplateException(
                    Kind.LIMIT, line(), "more than " + MAX_DEPTH + " levels inside each other");
        }
    }

    void leave() {
        depth--;
    }
}
