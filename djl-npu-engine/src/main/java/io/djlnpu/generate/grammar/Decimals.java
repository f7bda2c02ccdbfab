package io.djlnpu.generate.grammar;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Decimal numbers as JSON writes them, between exact bounds of any length. */
final class Decimals {

    private final Terms terms;
    private final Term digit;
    private final Term digits;
    private final Term natural;
    private final Term fraction;

    Decimals(Terms terms) {
        this.terms = terms;
        digit = terms.range('0', '9');
        digits = terms.repeat(digit, 0, Term.INFINITE);
        natural = terms.either(terms.text("0"), terms.sequence(terms.range('1', '9'), digits));
        fraction = terms.sequence(terms.text("."), terms.repeat(digit, 1, Term.INFINITE));
    }

    /** Whole numbers without a fraction or an exponent. */
    Term integer() {
        return terms.sequence(terms.optional(terms.text("-")), natural);
    }

    Term number() {
        Term exponent =
                terms.sequence(
                        terms.either(terms.text("e"), terms.text("E")),
                        terms.optional(terms.either(terms.text("+"), terms.text("-"))),
                        terms.repeat(digit, 1, 2));
        return terms.sequence(integer(), terms.optional(fraction), terms.optional(exponent));
    }

    /** Numbers without an exponent. */
    Term decimal() {
        return terms.sequence(integer(), terms.optional(fraction));
    }

    /** Numbers with so many digits after the point at most. */
    Term decimal(int places) {
        return terms.sequence(
                integer(),
                terms.optional(terms.sequence(terms.text("."), terms.repeat(digit, 1, places))));
    }

    /**
     * @param value the bound
     * @param strict whether the bound itself is left out
     */
    record Bound(BigDecimal value, boolean strict) {

        Bound negated() {
            return new Bound(value.negate(), strict);
        }

        boolean isNegative() {
            return value.signum() < 0;
        }

        boolean isBelowZero() {
            return isNegative() || value.signum() == 0 && strict;
        }
    }

    /** Numbers without an exponent between bounds; an absent one does not bound. */
    Term between(Optional<Bound> least, Optional<Bound> most) {
        List<Term> choices = new ArrayList<>();
        if (most.isEmpty() || !most.get().isBelowZero()) {
            Term positive = terms.sequence(natural, terms.optional(fraction));
            if (least.isPresent() && !least.get().isNegative()) {
                positive = terms.both(positive, atLeast(least.get()));
            }
            if (most.isPresent()) {
                positive = terms.both(positive, atMost(most.get()));
            }
            choices.add(positive);
        }
        Optional<Bound> deepest = least.map(Bound::negated);
        if (deepest.isEmpty() || !deepest.get().isBelowZero()) {
            Term negative = terms.sequence(natural, terms.optional(fraction));
            if (most.isPresent() && most.get().isBelowZero()) {
                negative = terms.both(negative, atLeast(most.get().negated()));
            }
            if (deepest.isPresent()) {
                negative = terms.both(negative, atMost(deepest.get()));
            }
            choices.add(terms.sequence(terms.text("-"), negative));
        }
        return terms.either(choices);
    }

    private static String whole(Bound bound) {
        return bound.value.toBigInteger().toString();
    }

    private static String places(Bound bound) {
        String plain = bound.value.stripTrailingZeros().toPlainString();
        int point = plain.indexOf('.');
        return point < 0 ? "" : plain.substring(point + 1);
    }

    private Term digits(char from, int to) {
        return terms.range(from, to);
    }

    private Term atLeast(Bound bound) {
        String whole = whole(bound);
        Term some = terms.optional(fraction);
        List<Term> choices = new ArrayList<>();
        choices.add(
                terms.sequence(
                        terms.range('1', '9'),
                        terms.repeat(digit, whole.length(), Term.INFINITE),
                        some));
        for (int i = 0; i < whole.length(); i++) {
            choices.add(
                    terms.sequence(
                            terms.text(whole.substring(0, i)),
                            digits((char) (whole.charAt(i) + 1), '9'),
                            terms.repeat(digit, whole.length() - i - 1, whole.length() - i - 1),
                            some));
        }
        choices.add(
                terms.sequence(terms.text(whole), fractionAtLeast(places(bound), bound.strict)));
        return terms.either(choices);
    }

    private Term fractionAtLeast(String places, boolean strict) {
        Term beyond = terms.sequence(digits, terms.range('1', '9'), digits);
        if (places.isEmpty()) {
            return strict ? terms.sequence(terms.text("."), beyond) : terms.optional(fraction);
        }
        List<Term> choices = new ArrayList<>();
        for (int i = 0; i < places.length(); i++) {
            choices.add(
                    terms.sequence(
                            terms.text("." + places.substring(0, i)),
                            digits((char) (places.charAt(i) + 1), '9'),
                            digits));
        }
        choices.add(terms.sequence(terms.text("." + places), strict ? beyond : digits));
        return terms.either(choices);
    }

    private Term atMost(Bound bound) {
        String whole = whole(bound);
        Term some = terms.optional(fraction);
        List<Term> choices = new ArrayList<>();
        if (whole.length() > 1) {
            choices.add(
                    terms.sequence(
                            terms.either(
                                    terms.text("0"),
                                    terms.sequence(
                                            terms.range('1', '9'),
                                            terms.repeat(digit, 0, whole.length() - 2))),
                            some));
        }
        for (int i = 0; i < whole.length(); i++) {
            choices.add(
                    terms.sequence(
                            terms.text(whole.substring(0, i)),
                            digits(i == 0 && whole.length() > 1 ? '1' : '0', whole.charAt(i) - 1),
                            terms.repeat(digit, whole.length() - i - 1, whole.length() - i - 1),
                            some));
        }
        choices.add(terms.sequence(terms.text(whole), fractionAtMost(places(bound), bound.strict)));
        return terms.either(choices);
    }

    private Term fractionAtMost(String places, boolean strict) {
        Term zeros = terms.repeat(terms.text("0"), 0, Term.INFINITE);
        if (places.isEmpty()) {
            return strict ? terms.nothing : terms.optional(terms.sequence(terms.text(".0"), zeros));
        }
        List<Term> choices = new ArrayList<>();
        choices.add(terms.empty);
        for (int i = 0; i < places.length(); i++) {
            choices.add(
                    terms.sequence(
                            terms.text("." + places.substring(0, i)),
                            digits('0', places.charAt(i) - 1),
                            digits));
            if (i > 0) {
                choices.add(terms.text("." + places.substring(0, i)));
            }
        }
        if (!strict) {
            choices.add(terms.sequence(terms.text("." + places), zeros));
        }
        return terms.either(choices);
    }

    /** Whole numbers that a divisor divides. */
    Term multiples(int divisor) {
        return terms.sequence(terms.optional(terms.text("-")), remainder(divisor, -1));
    }

    /** Digits after which the number so far has a remainder; -1 before the first digit. */
    private Term remainder(int divisor, int value) {
        return terms.deferred(List.of("remainder", divisor, value), new Remainder(divisor, value));
    }

    private final class Remainder implements Term.Deferred {

        private final int divisor;
        private final int value;

        Remainder(int divisor, int value) {
            this.divisor = divisor;
            this.value = value;
        }

        @Override
        public boolean nullable() {
            return value == 0;
        }

        @Override
        public Term expand() {
            List<Term> choices = new ArrayList<>();
            if (value == 0) {
                choices.add(terms.empty);
            }
            for (int d = 0; d < 10; d++) {
                Term byDigit = terms.text(Integer.toString(d));
                boolean first = value < 0;
                if (first && d == 0) {
                    choices.add(byDigit); // nothing follows a leading zero
                } else {
                    int next = (int) ((10L * Math.max(0, value) + d) % divisor);
                    choices.add(terms.sequence(byDigit, remainder(divisor, next)));
                }
            }
            return terms.either(choices);
        }
    }
}
