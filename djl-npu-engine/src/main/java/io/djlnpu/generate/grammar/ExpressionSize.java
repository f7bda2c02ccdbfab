package io.djlnpu.generate.grammar;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Bounds the states of a regular expression before anything is built: repetitions multiply what
 * they repeat, and nested ones multiply each other.
 */
final class ExpressionSize {

    private static final long MANY = 1L << 40;

    private final String text;
    private final Deque<Long> outer = new ArrayDeque<>();
    private long sum;
    private long last;
    private int at;

    private ExpressionSize(String text) {
        this.text = text;
    }

    /** Returns a number that the states of the automaton do not exceed by more than a factor. */
    static long of(String expression) {
        ExpressionSize size = new ExpressionSize(expression);
        while (size.at < expression.length()) {
            size.read(expression.charAt(size.at++));
        }
        return size.sum + size.last;
    }

    private void read(char c) {
        switch (c) {
            case '(' -> {
                add(0);
                outer.push(sum);
                sum = 0;
            }
            case ')' -> {
                long inner = sum + last;
                sum = outer.isEmpty() ? 0 : outer.pop();
                last = inner;
            }
            case '{' -> last = Math.min(MANY, Math.max(1, last) * repetitions());
            case '[' -> {
                skipTo(']');
                add(1);
            }
            case '\\' -> {
                at++;
                add(1);
            }
            case '*', '+', '?' -> {}
            default -> add(1);
        }
    }

    private void add(long states) {
        sum = Math.min(MANY, sum + last);
        last = states;
    }

    /** The greatest number within braces. */
    private long repetitions() {
        int end = skipTo('}');
        long most = 1;
        for (String number : text.substring(at, end).split(",")) {
            if (number.length() > 9) {
                return MANY;
            }
            if (number.chars().allMatch(Character::isDigit) && !number.isEmpty()) {
                most = Math.max(most, Long.parseLong(number));
            }
        }
        at = Math.min(text.length(), end + 1);
        return most;
    }

    /** Returns where a character comes next; for a bracket, moves past it. */
    private int skipTo(char closing) {
        int end = at;
        while (end < text.length() && text.charAt(end) != closing) {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        end = Math.min(end, text.length());
        if (closing == ']') {
            at = Math.min(text.length(), end + 1);
        }
        return end;
    }
}
