package io.djlnpu.generate.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads a regular expression in the syntax that ECMAScript, Java and Python share, and makes it a
 * term: alternatives, groups, classes, quantifiers, greedy or not, the usual escapes, {@code ^} and
 * {@code $} at the ends of the outermost alternatives, and looks ahead within those. What else
 * those languages know, such as a look behind or a reference back, is refused by name.
 */
final class RegularExpression {

    private static final String WITHOUT = "leave it out";

    private final ExpressionText text;
    private final ExpressionCharacters characters;
    private final Encoding encoding;
    private final Terms terms;
    private final Term anything;

    private RegularExpression(String expression, Encoding encoding) {
        text = new ExpressionText(expression);
        characters = new ExpressionCharacters(text);
        this.encoding = encoding;
        terms = encoding.terms();
        anything = terms.repeat(encoding.any(), 0, Term.INFINITE);
    }

    /**
     * Returns the texts that match as a whole.
     *
     * @throws IllegalArgumentException if the expression cannot be read
     */
    static Term whole(String expression, Encoding encoding) {
        return new RegularExpression(expression, encoding).outermost(encoding.terms().empty);
    }

    /**
     * Returns the texts that hold a match.
     *
     * @throws IllegalArgumentException if the expression cannot be read
     */
    static Term anywhere(String expression, Encoding encoding) {
        RegularExpression read = new RegularExpression(expression, encoding);
        return read.outermost(read.anything);
    }

    /** {@code beside} may stand before and after an alternative that is not anchored there. */
    private Term outermost(Term beside) {
        List<Term> alternatives = new ArrayList<>();
        do {
            Term before = text.take("^") ? terms.empty : beside;
            alternatives.add(terms.sequence(before, alternative(beside)));
        } while (text.take("|"));
        if (text.sees(")")) {
            throw text.refused("a ) without a (", "write it \\) if it stands for itself");
        }
        if (!text.atEnd()) {
            throw text.refused("$ before the end", "write it \\$ if it stands for itself");
        }
        return terms.either(alternatives);
    }

    /** Up to the end of an outermost alternative, with what may stand after it. */
    private Term alternative(Term beside) {
        Term parts = sequence();
        boolean ahead = text.take("(?=");
        if (!ahead && !text.take("(?!")) {
            return terms.sequence(parts, text.take("$") ? terms.empty : beside);
        }
        Term seen = inGroup();
        if (text.take("$")) {
            throw text.refused("$ within a group", "put it at the end of the expression");
        }
        close();
        Term begun = terms.sequence(seen, anything);
        return terms.sequence(
                parts, terms.both(alternative(beside), ahead ? begun : terms.not(begun)));
    }

    /** Up to the end of the alternative, or a look ahead. */
    private Term sequence() {
        List<Term> parts = new ArrayList<>();
        while (!text.atEnd()
                && !text.sees("|")
                && !text.sees(")")
                && !text.sees("$")
                && !text.sees("(?=")
                && !text.sees("(?!")) {
            parts.add(quantified(atom()));
        }
        return terms.sequence(parts);
    }

    private Term atom() {
        if (bounds() != null) {
            throw text.refused("a quantifier of nothing", "put what it repeats before it");
        }
        if (text.sees("^")) {
            throw text.refused("^ after the beginning", "write it \\^ if it stands for itself");
        }
        if (!text.take("(")) {
            return encoding.of(characters.read());
        }
        passKind();
        Term group = inGroup();
        if (text.sees("$")) {
            throw text.refused("$ within a group", "put it at the end of the expression");
        }
        close();
        return group;
    }

    private void close() {
        for (String ahead : List.of("(?=", "(?!")) {
            if (text.sees(ahead)) {
                throw text.refused("a look around, " + ahead + ", within a group", WITHOUT);
            }
        }
        if (!text.take(")")) {
            throw text.refused("a ( without a )", "write it \\( if it stands for itself");
        }
    }

    private Term inGroup() {
        List<Term> alternatives = new ArrayList<>();
        do {
            alternatives.add(sequence());
        } while (text.take("|"));
        return terms.either(alternatives);
    }

    /** Nobody asks what a group held, so that all kinds of groups that only group are one. */
    private void passKind() {
        if (!text.take("?") || text.take(":")) {
            return;
        }
        for (String other : List.of("<=", "<!")) {
            if (text.sees(other)) {
                throw text.refused("a look around, (?" + other, WITHOUT);
            }
        }
        text.take("P");
        if (!text.take("<")) {
            throw text.refused("a group of kind (?" + Character.toString(text.next()), WITHOUT);
        }
        while (!text.take(">")) {
            text.next();
        }
    }

    private Term quantified(Term atom) {
        int[] bounds = bounds();
        if (bounds == null) {
            return atom;
        }
        text.take("?"); // which of the matches is found first makes no other language
        if (text.sees("+")) {
            throw text.refused("a possessive quantifier", "leave its + out");
        }
        return terms.repeat(atom, bounds[0], bounds[1] < 0 ? Term.INFINITE : bounds[1]);
    }

    /** Reads a quantifier: the least and the greatest number, -1 for any; null if there is none. */
    private int[] bounds() {
        if (text.take("*")) {
            return new int[] {0, -1};
        }
        if (text.take("+")) {
            return new int[] {1, -1};
        }
        return text.take("?") ? new int[] {0, 1} : text.repetition();
    }
}
