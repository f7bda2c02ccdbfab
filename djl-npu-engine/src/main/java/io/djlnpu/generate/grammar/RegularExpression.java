package io.djlnpu.generate.grammar;

import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/**
 * Reads a regular expression in the syntax that ECMAScript, Java and Python share, and makes it an
 * automaton over characters: alternatives, groups, classes, quantifiers, greedy or not, the usual
 * escapes, and {@code ^} and {@code $} at the ends of the outermost alternatives. What else those
 * languages know, such as a look at what follows or a reference back, is refused by name.
 */
final class RegularExpression {

    private static final String WITHOUT = "leave it out";

    private final ExpressionText text;
    private final ExpressionCharacters characters;

    private RegularExpression(String expression) {
        text = new ExpressionText(expression);
        characters = new ExpressionCharacters(text);
    }

    /**
     * Returns the texts that match as a whole.
     *
     * @throws IllegalArgumentException if the expression cannot be read
     */
    static Automaton whole(String expression) {
        return new RegularExpression(expression).outermost(Automata.makeEmptyString());
    }

    /**
     * Returns the texts that hold a match.
     *
     * @throws IllegalArgumentException if the expression cannot be read
     */
    static Automaton anywhere(String expression) {
        Automaton anything = Operations.repeat(ExpressionCharacters.any());
        return new RegularExpression(expression).outermost(anything);
    }

    /** {@code beside} may stand before and after an alternative that is not anchored there. */
    private Automaton outermost(Automaton beside) {
        Automaton nothing = Automata.makeEmptyString();
        List<Automaton> alternatives = new ArrayList<>();
        do {
            Automaton before = text.take("^") ? nothing : beside;
            Automaton middle = sequence();
            Automaton after = text.take("$") ? nothing : beside;
            alternatives.add(JsonAutomata.sequence(before, middle, after));
        } while (text.take("|"));
        if (text.sees(")")) {
            throw text.refused("a ) without a (", "write it \\) if it stands for itself");
        }
        if (!text.atEnd()) {
            throw text.refused("$ before the end", "write it \\$ if it stands for itself");
        }
        return JsonAutomata.either(alternatives);
    }

    /** Up to the end of the alternative. */
    private Automaton sequence() {
        List<Automaton> parts = new ArrayList<>();
        while (!text.atEnd() && !text.sees("|") && !text.sees(")") && !text.sees("$")) {
            parts.add(quantified(atom()));
        }
        return parts.isEmpty() ? Automata.makeEmptyString() : JsonAutomata.sequence(parts);
    }

    private Automaton atom() {
        if (bounds() != null) {
            throw text.refused("a quantifier of nothing", "put what it repeats before it");
        }
        if (text.sees("^")) {
            throw text.refused("^ after the beginning", "write it \\^ if it stands for itself");
        }
        return text.take("(") ? group() : characters.read();
    }

    private Automaton group() {
        passKind();
        List<Automaton> alternatives = new ArrayList<>();
        do {
            alternatives.add(sequence());
        } while (text.take("|"));
        if (text.sees("$")) {
            throw text.refused("$ within a group", "put it at the end of the expression");
        }
        if (!text.take(")")) {
            throw text.refused("a ( without a )", "write it \\( if it stands for itself");
        }
        return JsonAutomata.either(alternatives);
    }

    /** Nobody asks what a group held, so that all kinds of groups that only group are one. */
    private void passKind() {
        if (!text.take("?") || text.take(":")) {
            return;
        }
        for (String other : List.of("=", "!", "<=", "<!")) {
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

    private Automaton quantified(Automaton atom) {
        int[] bounds = bounds();
        if (bounds == null) {
            return atom;
        }
        text.take("?"); // which of the matches is found first makes no other language
        if (text.sees("+")) {
            throw text.refused("a possessive quantifier", "leave its + out");
        }
        // Deterministic at once: what repetitions of repetitions have in common stays one.
        return OutputGrammar.determinize(JsonAutomata.repeat(atom, bounds[0], bounds[1]));
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
