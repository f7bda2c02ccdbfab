package io.djlnpu.template;

import io.djlnpu.template.Expression.Arithmetic;
import io.djlnpu.template.Expression.Comparison;
import io.djlnpu.template.Expression.Link;
import io.djlnpu.template.Expression.Literal;
import io.djlnpu.template.Expression.Passed;
import io.djlnpu.template.Token.Type;
import io.djlnpu.template.Value.Bool;
import io.djlnpu.template.Value.None;
import io.djlnpu.template.Value.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Reads expressions, with Jinja2's order of precedence. */
final class ExpressionParser {

    private static final Map<String, Comparison> COMPARISONS =
            Map.of(
                    "==", Comparison.EQUAL,
                    "!=", Comparison.NOT_EQUAL,
                    "<", Comparison.LESS,
                    "<=", Comparison.LESS_OR_EQUAL,
                    ">", Comparison.GREATER,
                    ">=", Comparison.GREATER_OR_EQUAL);
    private static final Map<String, Arithmetic> SUMS =
            Map.of("+", Arithmetic.ADD, "-", Arithmetic.SUBTRACT);
    private static final Map<String, Arithmetic> PRODUCTS =
            Map.of(
                    "*", Arithmetic.MULTIPLY,
                    "/", Arithmetic.DIVIDE,
                    "//", Arithmetic.FLOOR_DIVIDE,
                    "%", Arithmetic.MODULO);

    private final Cursor cursor;

    ExpressionParser(Cursor cursor) {
        this.cursor = cursor;
    }

    Expression expression() {
        return expression(true);
    }

    Expression expression(boolean conditional) {
        cursor.enter();
        try {
            return conditional ? conditional() : or();
        } finally {
            cursor.leave();
        }
    }

    /** An expression, or several with commas between, which are a tuple. */
    Expression tuple(boolean conditional, String endName, boolean inParentheses) {
        List<Expression> items = new ArrayList<>();
        boolean several = false;
        while (true) {
            if (!items.isEmpty()) {
                cursor.expectOperator(",");
            }
            if (atTupleEnd(endName)) {
                break;
            }
            items.add(expression(conditional));
            if (!cursor.current().isOperator(",")) {
                break;
            }
            several = true;
        }
        if (!several) {
            if (!items.isEmpty()) {
                return items.getFirst();
            }
            if (!inParentheses) {
                throw cursor.unexpected("an expression");
            }
        }
        return new Expression.Listing(items, true);
    }

    boolean atTupleEnd(String endName) {
        Token token = cursor.current();
        return token.type() == Type.VARIABLE_END
                || token.type() == Type.BLOCK_END
                || token.isOperator(")")
                || endName != null && token.isName(endName);
    }

    private Expression conditional() {
        int line = cursor.line();
        Expression value = or();
        while (cursor.skipName("if")) {
            Expression test = or();
            Expression otherwise = null;
            if (cursor.skipName("else")) {
                cursor.enter();
                otherwise = conditional();
                cursor.leave();
            }
            value = new Expression.Conditional(test, value, otherwise, line);
            line = cursor.line();
        }
        return value;
    }

    private Expression or() {
        Expression left = and();
        int links = 0;
        while (cursor.skipName("or")) {
            deeper(++links);
            left = new Expression.Choice(false, left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        int links = 0;
        while (cursor.skipName("and")) {
            deeper(++links);
            left = new Expression.Choice(true, left, not());
        }
        return left;
    }

    /** A chain to the left is as deep as it is long. */
    private void deeper(int links) {
        if (links > 200) {
            throw new TemplateException(
                    TemplateException.Kind.LIMIT,
                    cursor.line(),
                    "a chain of more than 200 operators");
        }
    }

    private Expression not() {
        if (!cursor.skipName("not")) {
            return compare();
        }
        cursor.enter();
        Expression not = new Expression.Not(not());
        cursor.leave();
        return not;
    }

    private Expression compare() {
        Expression first = sum();
        List<Link> links = new ArrayList<>();
        while (true) {
            Token token = cursor.current();
            if (token.type() == Type.OPERATOR && COMPARISONS.containsKey(token.text())) {
                cursor.next();
                links.add(new Link(COMPARISONS.get(token.text()), sum()));
            } else if (cursor.skipName("in")) {
                links.add(new Link(Comparison.IN, sum()));
            } else if (token.isName("not") && cursor.look().isName("in")) {
                cursor.next();
                cursor.next();
                links.add(new Link(Comparison.NOT_IN, sum()));
            } else {
                return links.isEmpty() ? first : new Expression.Chain(first, links);
            }
        }
    }

    private Expression sum() {
        return binary(SUMS, this::concat);
    }

    private Expression product() {
        return binary(PRODUCTS, this::power);
    }

    private Expression power() {
        return binary(Map.of("**", Arithmetic.POWER), () -> unary(true));
    }

    private Expression binary(Map<String, Arithmetic> operators, Supplier<Expression> operand) {
        Expression left = operand.get();
        int links = 0;
        while (cursor.current().type() == Type.OPERATOR
                && operators.containsKey(cursor.current().text())) {
            deeper(++links);
            Arithmetic operator = operators.get(cursor.next().text());
            left = new Expression.Binary(operator, left, operand.get());
        }
        return left;
    }

    private Expression concat() {
        Expression first = product();
        if (!cursor.current().isOperator("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (cursor.skipOperator("~")) {
            parts.add(product());
        }
        return new Expression.Concat(parts);
    }

    private Expression unary(boolean withFilter) {
        Expression value;
        if (cursor.current().isOperator("-") || cursor.current().isOperator("+")) {
            boolean negative = cursor.next().text().equals("-");
            cursor.enter();
            value = new Expression.Sign(negative, unary(false));
            cursor.leave();
        } else {
            value = primary();
        }
        value = postfix(value);
        return withFilter ? filters(value) : value;
    }

    private Expression primary() {
        Token token = cursor.current();
        return switch (token.type()) {
            case NAME -> {
                cursor.next();
                yield switch (token.text()) {
                    case "true", "True" -> new Literal(Bool.TRUE);
                    case "false", "False" -> new Literal(Bool.FALSE);
                    case "none", "None" -> new Literal(None.NONE);
                    default -> new Expression.Name(token.text());
                };
            }
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (cursor.current().type() == Type.STRING) {
                    text.append(cursor.next().text());
                }
                yield new Literal(Text.of(text.toString()));
            }
            case INTEGER, FLOAT -> new Literal(cursor.next().value());
            case OPERATOR -> bracketed(token.text());
            default -> throw cursor.unexpected("an expression");
        };
    }

    private Expression bracketed(String operator) {
        switch (operator) {
            case "(" -> {
                cursor.next();
                cursor.enter();
                Expression inside = tuple(true, null, true);
                cursor.leave();
                cursor.expectOperator(")");
                return inside;
            }
            case "[" -> {
                cursor.next();
                List<Expression> items = new ArrayList<>();
                while (more("]", items.isEmpty())) {
                    items.add(expression());
                }
                cursor.expectOperator("]");
                return new Expression.Listing(items, false);
            }
            case "{" -> {
                cursor.next();
                List<Expression> keys = new ArrayList<>();
                List<Expression> values = new ArrayList<>();
                while (more("}", keys.isEmpty())) {
                    keys.add(expression());
                    cursor.expectOperator(":");
                    values.add(expression());
                }
                cursor.expectOperator("}");
                return new Expression.Mapping(keys, values);
            }
            default -> throw cursor.unexpected("an expression");
        }
    }

    /** Whether another element follows; a comma may stand behind the last. */
    private boolean more(String end, boolean first) {
        if (cursor.current().isOperator(end)) {
            return false;
        }
        if (!first) {
            cursor.expectOperator(",");
        }
        return !cursor.current().isOperator(end);
    }

    private Expression postfix(Expression value) {
        Expression result = value;
        int links = 0;
        while (true) {
            Token token = cursor.current();
            if (token.isOperator(".") || token.isOperator("[")) {
                result = subscript(result);
            } else if (token.isOperator("(")) {
                result = call(result);
            } else {
                return result;
            }
            deeper(++links);
        }
    }

    private Expression filters(Expression value) {
        Expression result = value;
        int links = 0;
        while (true) {
            Token token = cursor.current();
            if (token.isOperator("|")) {
                cursor.next();
                result = filter(result);
            } else if (token.isName("is")) {
                result = test(result);
            } else if (token.isOperator("(")) {
                result = call(result);
            } else {
                return result;
            }
            deeper(++links);
        }
    }

    private Expression subscript(Expression of) {
        if (cursor.next().isOperator(".")) {
            Token name = cursor.next();
            return switch (name.type()) {
                case NAME -> new Expression.Attribute(of, name.text());
                case INTEGER -> new Expression.Item(of, new Literal(name.value()));
                default -> throw cursor.wrong("expected a name or a number behind '.'");
            };
        }
        Expression start = cursor.current().isOperator(":") ? null : expression();
        if (cursor.current().isOperator(":")) {
            return slice(of, start);
        }
        if (cursor.current().isOperator("]")) {
            cursor.next();
            return new Expression.Item(of, start);
        }
        List<Expression> several = new ArrayList<>(List.of(start));
        while (!cursor.current().isOperator("]")) {
            cursor.expectOperator(",");
            several.add(expression());
        }
        cursor.next();
        return new Expression.Item(of, new Expression.Listing(several, true));
    }

    private Expression slice(Expression of, Expression start) {
        cursor.next();
        Expression stop = atSliceEnd() ? null : expression();
        Expression step = null;
        if (cursor.skipOperator(":") && !atSliceEnd()) {
            step = expression();
        }
        cursor.expectOperator("]");
        return new Expression.Slice(of, start, stop, step);
    }

    private boolean atSliceEnd() {
        return cursor.current().isOperator(":") || cursor.current().isOperator("]");
    }

    private Expression call(Expression callee) {
        int line = cursor.line();
        return new Expression.Call(callee, passed(), line);
    }

    private Passed passed() {
        cursor.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<Expression> named = new ArrayList<>();
        Expression all = null;
        Expression allNamed = null;
        boolean first = true;
        while (more(")", first)) {
            first = false;
            boolean ordered = allNamed == null;
            if (cursor.skipOperator("*")) {
                ordered &= all == null;
                all = expression();
            } else if (cursor.skipOperator("**")) {
                allNamed = expression();
            } else if (cursor.current().type() == Type.NAME && cursor.look().isOperator("=")) {
                String name = cursor.next().text();
                cursor.next();
                ordered &= !names.contains(name);
                names.add(name);
                named.add(expression());
            } else {
                ordered &= all == null && names.isEmpty();
                positional.add(expression());
            }
            if (!ordered) {
                throw cursor.wrong("arguments of a call in an order that Python does not take");
            }
        }
        cursor.expectOperator(")");
        return new Passed(positional, names, named, all, allNamed);
    }

    /** Reads a filter's name and arguments, behind the bar. */
    Expression filter(Expression of) {
        int line = cursor.line();
        String name = dottedName();
        return new Expression.Filter(of, name, optionallyPassed(), line);
    }

    private Passed optionallyPassed() {
        return cursor.current().isOperator("(") ? passed() : Passed.NOTHING;
    }

    private String dottedName() {
        StringBuilder name = new StringBuilder(cursor.expect(Type.NAME).text());
        while (cursor.skipOperator(".")) {
            name.append('.').append(cursor.expect(Type.NAME).text());
        }
        return name.toString();
    }

    private Expression test(Expression of) {
        cursor.next();
        int line = cursor.line();
        boolean negated = cursor.skipName("not");
        String name = dottedName();
        Passed passed = Passed.NOTHING;
        Token token = cursor.current();
        if (token.isOperator("(")) {
            passed = passed();
        } else if (beginsArgument(token)) {
            if (token.isName("is")) {
                throw cursor.wrong("tests with 'is' behind each other");
            }
            Expression argument = postfix(primary());
            passed = new Passed(List.of(argument), List.of(), List.of(), null, null);
        }
        Expression test = new Expression.Test(of, name, passed, line);
        return negated ? new Expression.Not(test) : test;
    }

    private static boolean beginsArgument(Token token) {
        return switch (token.type()) {
            case NAME -> !List.of("else", "or", "and").contains(token.text());
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            default -> false;
        };
    }
}
