package io.djlnpu.template;

import io.djlnpu.template.Expression.Arithmetic;
import io.djlnpu.template.Expression.Comparison;
import io.djlnpu.template.Value.Int;
import io.djlnpu.template.Value.Items;
import io.djlnpu.template.Value.Real;
import io.djlnpu.template.Value.Text;
import io.djlnpu.template.Value.Undefined;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Python's operators. */
final class Operators {

    private final Budget budget;

    Operators(Budget budget) {
        this.budget = budget;
    }

    Value arithmetic(Arithmetic operator, Value left, Value right) {
        if (left instanceof Text text && operator == Arithmetic.MODULO) {
            return text.like(new PercentFormat(text, right, budget).format());
        }
        if (left instanceof Undefined undefined) {
            throw undefined.used();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.used();
        }
        if (left instanceof Value.Number a && right instanceof Value.Number b) {
            BigInteger l = Numbers.integer(a);
            BigInteger r = Numbers.integer(b);
            return l != null && r != null
                    ? integers(operator, l, r)
                    : reals(operator, Numbers.real(a), Numbers.real(b));
        }
        if (operator == Arithmetic.ADD) {
            return add(left, right);
        }
        if (operator == Arithmetic.MULTIPLY) {
            if (right instanceof Value.Number times && Numbers.integer(times) != null) {
                return repeat(left, Numbers.integer(times));
            }
            if (left instanceof Value.Number times && Numbers.integer(times) != null) {
                return repeat(right, Numbers.integer(times));
            }
        }
        throw unsupported(operator.symbol(), left, right);
    }

    private static TemplateException unsupported(String operator, Value left, Value right) {
        return TemplateException.value(
                "'%s' is not supported between a %s and a %s"
                        .formatted(operator, Types.name(left), Types.name(right)));
    }

    private Value add(Value left, Value right) {
        if (left instanceof Text a && right instanceof Text b) {
            budget.text((long) a.string().length() + b.string().length());
            if (a.markup() == b.markup()) {
                return a.like(a.string() + b.string());
            }
            String first = a.markup() ? a.string() : Texts.escape(a.string());
            String second = b.markup() ? b.string() : Texts.escape(b.string());
            return new Text(first + second, true);
        }
        if (left instanceof Items a && right instanceof Items b && a.isTuple() == b.isTuple()) {
            budget.items((long) a.list().size() + b.list().size());
            List<Value> both = new ArrayList<>(a.list().size() + b.list().size());
            both.addAll(a.list());
            both.addAll(b.list());
            return new Items(both, a.isTuple() ? Value.Kind.TUPLE : Value.Kind.LIST);
        }
        throw unsupported("+", left, right);
    }

    private Value repeat(Value value, BigInteger times) {
        if (!(value instanceof Text || value instanceof Items)) {
            throw unsupported("*", value, new Int(times));
        }
        long length = value instanceof Text t ? t.string().length() : Sequences.length(value);
        boolean empty = length == 0 || times.signum() <= 0;
        if (!empty && times.bitLength() > 40) {
            budget.text(-1);
        }
        int count = empty ? 0 : (int) Math.min(times.longValue(), Integer.MAX_VALUE);
        if (value instanceof Text text) {
            budget.text(length * count);
            return text.like(text.string().repeat(count));
        }
        budget.items(length * count);
        List<Value> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.addAll(((Items) value).list());
        }
        return new Items(all, ((Items) value).isTuple() ? Value.Kind.TUPLE : Value.Kind.LIST);
    }

    private Value integers(Arithmetic operator, BigInteger l, BigInteger r) {
        budget.text((l.bitLength() + r.bitLength()) >> 3);
        return switch (operator) {
            case ADD -> new Int(l.add(r));
            case SUBTRACT -> new Int(l.subtract(r));
            case MULTIPLY -> {
                budget.work((long) (l.bitLength() >> 6) * (r.bitLength() >> 6));
                yield new Int(l.multiply(r));
            }
            case DIVIDE -> new Real(Numbers.quotient(l, notZero(r)));
            case FLOOR_DIVIDE -> new Int(floorDivide(l, notZero(r)));
            case MODULO -> new Int(l.subtract(floorDivide(l, notZero(r)).multiply(r)));
            case POWER -> power(l, r);
        };
    }

    private static BigInteger floorDivide(BigInteger l, BigInteger r) {
        BigInteger[] parts = l.divideAndRemainder(r);
        boolean below = parts[1].signum() != 0 && parts[1].signum() != r.signum();
        return below ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static BigInteger notZero(BigInteger divisor) {
        if (divisor.signum() == 0) {
            throw TemplateException.value("division by zero");
        }
        return divisor;
    }

    private Value power(BigInteger base, BigInteger exponent) {
        if (exponent.signum() < 0) {
            return new Real(power(Numbers.real(new Int(base)), Numbers.real(new Int(exponent))));
        }
        if (base.abs().bitLength() <= 1) {
            return new Int(
                    exponent.signum() == 0 || base.signum() < 0 && !exponent.testBit(0)
                            ? BigInteger.ONE
                            : base);
        }
        if (exponent.bitLength() > 30) {
            budget.text(-1);
        }
        long bits = exponent.longValue() * base.bitLength();
        budget.text(bits >> 3);
        budget.work((bits >> 6) * (bits >> 6) >> 4);
        return new Int(base.pow(exponent.intValue()));
    }

    private Value reals(Arithmetic operator, double l, double r) {
        return new Real(
                switch (operator) {
                    case ADD -> l + r;
                    case SUBTRACT -> l - r;
                    case MULTIPLY -> l * r;
                    case DIVIDE -> l / notZero(r);
                    case FLOOR_DIVIDE -> floorDivide(l, notZero(r));
                    case MODULO -> modulo(l, notZero(r));
                    case POWER -> power(l, r);
                });
    }

    private static double notZero(double divisor) {
        if (divisor == 0) {
            throw TemplateException.value("division by zero");
        }
        return divisor;
    }

    private static double modulo(double l, double r) {
        double rest = l % r;
        if (rest == 0) {
            return Math.copySign(0.0, r);
        }
        return (r < 0) != (rest < 0) ? rest + r : rest;
    }

    private static double floorDivide(double l, double r) {
        double quotient = (l - modulo(l, r)) / r;
        if (quotient == 0) {
            return Math.copySign(0.0, l / r);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static double power(double base, double exponent) {
        if (base == 0 && exponent < 0) {
            throw TemplateException.value("0.0 cannot be raised to a negative power");
        }
        if (base == 1) {
            return 1;
        }
        if (base == -1 && Double.isInfinite(exponent)) {
            return 1;
        }
        double power = Math.pow(base, exponent);
        if (Double.isNaN(power) && Double.isFinite(base) && Double.isFinite(exponent)) {
            throw TemplateException.value("a power that is a complex number");
        }
        if (Double.isInfinite(power) && Double.isFinite(base) && Double.isFinite(exponent)) {
            throw TemplateException.value("a power too large for a float");
        }
        return power;
    }

    Value negate(Value value, boolean negative) {
        if (value instanceof Undefined undefined) {
            throw undefined.used();
        }
        if (!(value instanceof Value.Number number)) {
            throw TemplateException.value("a sign before a " + Types.name(value));
        }
        BigInteger integer = Numbers.integer(number);
        if (integer == null) {
            return negative ? new Real(-Numbers.real(number)) : value;
        }
        return new Int(negative ? integer.negate() : integer);
    }

    boolean compare(Comparison operator, Value left, Value right) {
        return switch (operator) {
            case EQUAL -> areEqual(left, right);
            case NOT_EQUAL -> !areEqual(left, right);
            case LESS -> order(operator, left, right) < 0;
            case LESS_OR_EQUAL -> order(operator, left, right) <= 0;
            case GREATER -> order(operator, left, right) == 1;
            case GREATER_OR_EQUAL -> {
                int order = order(operator, left, right);
                yield order == 0 || order == 1;
            }
            case IN -> Sequences.contains(right, left, budget);
            case NOT_IN -> !Sequences.contains(right, left, budget);
        };
    }

    boolean areEqual(Value left, Value right) {
        if (left instanceof Text a && right instanceof Text b) {
            budget.work(Math.min(a.string().length(), b.string().length()) >> 6);
        } else if (left instanceof Items a && right instanceof Items b) {
            budget.work(Math.min(a.list().size(), b.list().size()));
        } else if (left instanceof Value.Dict a && right instanceof Value.Dict b) {
            budget.work(Math.min(a.map().size(), b.map().size()));
        }
        return left.equals(right);
    }

    boolean isLess(Value left, Value right) {
        return compare(Comparison.LESS, left, right);
    }

    /** Below, at or above zero; 2 for what has no order although its types have. */
    private int order(Comparison operator, Value left, Value right) {
        budget.step();
        if (left instanceof Value.Number a && right instanceof Value.Number b) {
            int order = Numbers.compare(a, b);
            return order == 2 ? unordered(operator) : Integer.signum(order);
        }
        if (left instanceof Text a && right instanceof Text b) {
            return Integer.signum(Texts.compare(a.string(), b.string()));
        }
        if (left instanceof Items a && right instanceof Items b && a.isTuple() == b.isTuple()) {
            int both = Math.min(a.list().size(), b.list().size());
            for (int i = 0; i < both; i++) {
                if (!areEqual(a.list().get(i), b.list().get(i))) {
                    return order(operator, a.list().get(i), b.list().get(i));
                }
            }
            return Integer.compare(a.list().size(), b.list().size());
        }
        if (left instanceof Undefined undefined) {
            throw undefined.used();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.used();
        }
        throw unsupported(operator.symbol(), left, right);
    }

    private static int unordered(Comparison operator) {
        return operator == Comparison.LESS || operator == Comparison.LESS_OR_EQUAL ? 2 : -2;
    }

    /** Sorts as Python does: stable, by "less" alone. */
    List<Value> sorted(List<Value> values, UnaryOperator<Value> key, boolean down) {
        budget.items(values.size());
        record Keyed(Value key, Value value) {}
        List<Keyed> from = new ArrayList<>();
        values.forEach(value -> from.add(new Keyed(key.apply(value), value)));
        Keyed[] at = from.toArray(Keyed[]::new);
        Keyed[] spare = new Keyed[at.length];
        for (int run = 1; run < at.length; run *= 2) {
            for (int start = 0; start < at.length; start += 2 * run) {
                int middle = Math.min(start + run, at.length);
                int end = Math.min(start + 2 * run, at.length);
                int l = start;
                int r = middle;
                for (int i = start; i < end; i++) {
                    boolean right =
                            l == middle
                                    || r < end
                                            && (down
                                                    ? isLess(at[l].key, at[r].key)
                                                    : isLess(at[r].key, at[l].key));
                    spare[i] = right ? at[r++] : at[l++];
                }
            }
            Keyed[] swap = at;
            at = spare;
            spare = swap;
        }
        List<Value> sorted = new ArrayList<>(at.length);
        for (Keyed keyed : at) {
            sorted.add(keyed.value());
        }
        return sorted;
    }
}
