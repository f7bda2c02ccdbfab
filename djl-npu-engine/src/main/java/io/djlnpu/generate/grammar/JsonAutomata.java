package io.djlnpu.generate.grammar;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/**
 * Pieces of JSON as automata over characters. Compact, with at most a space after {@code :} and
 * {@code ,}; numbers short enough to be exact; no {@code \\u} escapes, since every character may
 * stand for itself.
 */
final class JsonAutomata {

    /** How deep free JSON may be nested: an automaton has no stack. */
    static final int MAX_DEPTH = 4;

    private static final int MAX_DIGITS = 15;

    /** On average at most, before an automaton is made deterministic. */
    private static final int TRANSITIONS_OF_A_STATE = 100;

    private JsonAutomata() {}

    static Automaton text(String characters) {
        return Automata.makeString(characters);
    }

    static Automaton sequence(Automaton... parts) {
        return sequence(List.of(parts));
    }

    static Automaton sequence(List<Automaton> parts) {
        requireFewTransitions(parts.reversed());
        return OutputGrammar.bounded(Operations.concatenate(parts));
    }

    /** From each end of a part lead the ways into the next one, and into all after empty ones. */
    private static void requireFewTransitions(Iterable<Automaton> backwards) {
        long ways = 0;
        long all = 0;
        for (Automaton part : backwards) {
            all += part.getNumTransitions() + ends(part) * ways;
            boolean empty = part.getNumStates() == 0;
            ways = empty ? 0 : part.getNumTransitions(0) + (part.isAccept(0) ? ways : 0);
        }
        OutputGrammar.requireSmall(all / TRANSITIONS_OF_A_STATE);
    }

    private static long ends(Automaton part) {
        return IntStream.range(0, part.getNumStates()).filter(part::isAccept).count();
    }

    /** One after another; {@code max} below 0 for no limit. */
    static Automaton repeat(Automaton part, int min, int max) {
        int copies = Math.max(1, Math.max(min, max));
        OutputGrammar.requireSmall((long) part.getNumStates() * copies);
        requireFewTransitions(Collections.nCopies(copies, part));
        return max < 0 ? Operations.repeat(part, min) : Operations.repeat(part, min, max);
    }

    static Automaton either(List<Automaton> choices) {
        return OutputGrammar.determinize(Operations.union(choices));
    }

    /** A character that stands for itself within a string. */
    static Automaton plainCharacter() {
        return Automata.makeCharClass(
                new int[] {' ', '#', ']', 0xE000}, new int[] {'!', '[', 0xD7FF, 0x10FFFF});
    }

    private static Automaton character() {
        Automaton escaped =
                sequence(
                        text("\\"),
                        Automata.makeCharSet(new int[] {'"', '/', '\\', 'b', 'f', 'n', 'r', 't'}));
        return either(List.of(plainCharacter(), escaped));
    }

    static Automaton quoted(Automaton content) {
        return sequence(text("\""), content, text("\""));
    }

    static Automaton string() {
        return quoted(Operations.repeat(character()));
    }

    /** A string of so many characters; {@code max} below 0 for no limit. */
    static Automaton string(int min, int max) {
        return quoted(repeat(character(), min, max));
    }

    private static Automaton digits(int min, int max) {
        return Operations.repeat(Automata.makeCharRange('0', '9'), min, max);
    }

    private static Automaton natural() {
        return either(
                List.of(
                        text("0"),
                        sequence(Automata.makeCharRange('1', '9'), digits(0, MAX_DIGITS - 1))));
    }

    static Automaton integer() {
        return sequence(Operations.optional(text("-")), natural());
    }

    /** Whole numbers from {@code min} to {@code max}. */
    static Automaton integer(int min, int max) {
        List<Automaton> parts = new ArrayList<>();
        if (max >= 0) {
            parts.add(Automata.makeDecimalInterval(Math.max(0, min), max, 0));
        }
        if (min < 0) {
            int least = max < 0 ? Math.abs(max) : 1;
            parts.add(sequence(text("-"), Automata.makeDecimalInterval(least, Math.abs(min), 0)));
        }
        return either(
                parts.stream().map(part -> Operations.intersection(part, integer())).toList());
    }

    static Automaton number() {
        Automaton fraction = sequence(text("."), digits(1, MAX_DIGITS));
        Automaton exponent =
                sequence(
                        Automata.makeCharSet(new int[] {'E', 'e'}),
                        Operations.optional(Automata.makeCharSet(new int[] {'+', '-'})),
                        digits(1, 2));
        return sequence(integer(), Operations.optional(fraction), Operations.optional(exponent));
    }

    static Automaton comma() {
        return sequence(text(","), Operations.optional(text(" ")));
    }

    static Automaton pair(Automaton key, Automaton value) {
        return sequence(key, text(":"), Operations.optional(text(" ")), value);
    }

    /** Items between {@code min} and {@code max} times, with commas; {@code max} below 0: any. */
    static Automaton list(Automaton item, int min, int max) {
        Automaton before = sequence(item, comma());
        int least = Math.max(0, min - 1);
        if (max == 0) {
            return Automata.makeEmptyString();
        }
        Automaton some = sequence(repeat(before, least, max < 0 ? max : max - 1), item);
        return OutputGrammar.determinize(min == 0 ? Operations.optional(some) : some);
    }

    static Automaton array(Automaton items) {
        return sequence(text("["), items, text("]"));
    }

    static Automaton object(Automaton members) {
        return sequence(text("{"), members, text("}"));
    }

    static Automaton object(int depth) {
        return object(list(pair(string(), value(depth - 1)), 0, -1));
    }

    /** Any JSON, with so many levels of objects and arrays at most. */
    static Automaton value(int depth) {
        List<Automaton> choices = new ArrayList<>();
        choices.add(string());
        choices.add(number());
        List.of("true", "false", "null").forEach(word -> choices.add(text(word)));
        if (depth > 0) {
            Automaton inner = value(depth - 1);
            choices.add(array(list(inner, 0, -1)));
            choices.add(object(list(pair(string(), inner), 0, -1)));
        }
        return either(choices);
    }
}
