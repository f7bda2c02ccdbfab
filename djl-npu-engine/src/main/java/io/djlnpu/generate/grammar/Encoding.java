package io.djlnpu.generate.grammar;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a character stands in the answer: as its UTF-8, or as JSON writes it within a string, with
 * every escape that means the same.
 */
final class Encoding {

    private static final int CODE_POINTS = Character.MAX_CODE_POINT + 1;

    private final Terms terms;
    private final boolean json;
    private final Map<BitSet, Term> known = new HashMap<>();

    private Encoding(Terms terms, boolean json) {
        this.terms = terms;
        this.json = json;
    }

    static Encoding plain(Terms terms) {
        return new Encoding(terms, false);
    }

    static Encoding inJsonString(Terms terms) {
        return new Encoding(terms, true);
    }

    Terms terms() {
        return terms;
    }

    /** Any character. */
    Term any() {
        BitSet all = new BitSet();
        all.set(0, CODE_POINTS);
        return of(all);
    }

    Term text(String text) {
        List<Term> parts = new ArrayList<>();
        text.codePoints()
                .forEach(
                        c -> {
                            BitSet one = new BitSet();
                            one.set(c);
                            parts.add(of(one));
                        });
        return terms.sequence(parts);
    }

    /** One character of a set; surrogates, which no text holds, are left out. */
    Term of(BitSet characters) {
        return known.computeIfAbsent(characters, this::encode);
    }

    private Term encode(BitSet characters) {
        BitSet set = (BitSet) characters.clone();
        set.clear(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1);
        List<Term> choices = new ArrayList<>();
        if (json) {
            escapes(set, choices);
            set.clear(0, 0x20);
            set.clear('"');
            set.clear('\\');
        }
        for (int from = set.nextSetBit(0); from >= 0; ) {
            int end = set.nextClearBit(from);
            utf8(from, end - 1, choices);
            from = set.nextSetBit(end);
        }
        return terms.either(choices);
    }

    private void utf8(int from, int to, List<Term> choices) {
        int[] limits = {0x7F, 0x7FF, 0xFFFF, Character.MAX_CODE_POINT};
        int low = from;
        for (int length = 1; length <= 4 && low <= to; length++) {
            int high = Math.min(to, limits[length - 1]);
            int leadBits = leadBits(length);
            if (low <= high) {
                choices.add(
                        digits(
                                low,
                                high,
                                length,
                                64,
                                (value, lead) -> (lead ? leadBits : 0x80) | value));
                low = high + 1;
            }
        }
    }

    private static int leadBits(int length) {
        return length == 1 ? 0 : 0xF00 >> length & 0xFF;
    }

    private interface Digit {
        int value(int digit, boolean lead);
    }

    /** Numbers of so many digits between two bounds, as bytes in order. */
    private Term digits(int from, int to, int length, int base, Digit digit) {
        return digits(from, to, length, base, true, digit);
    }

    private Term digits(int from, int to, int length, int base, boolean lead, Digit digit) {
        if (length == 1) {
            return terms.range(digit.value(from, lead), digit.value(to, lead));
        }
        int size = 1;
        for (int i = 1; i < length; i++) {
            size *= base;
        }
        int first = from / size;
        int last = to / size;
        if (first == last) {
            return terms.sequence(
                    terms.range(digit.value(first, lead), digit.value(first, lead)),
                    digits(from % size, to % size, length - 1, base, false, digit));
        }
        List<Term> choices = new ArrayList<>();
        int wholeFrom = first;
        int wholeTo = last;
        if (from % size != 0) {
            choices.add(digits(from, first * size + size - 1, length, base, lead, digit));
            wholeFrom++;
        }
        if (to % size != size - 1) {
            choices.add(digits(last * size, to, length, base, lead, digit));
            wholeTo--;
        }
        if (wholeFrom <= wholeTo) {
            choices.add(
                    terms.sequence(
                            terms.range(digit.value(wholeFrom, lead), digit.value(wholeTo, lead)),
                            digits(0, size - 1, length - 1, base, false, digit)));
        }
        return terms.either(choices);
    }

    private void escapes(BitSet set, List<Term> choices) {
        String letters = "\"\\/bfnrt";
        String meant = "\"\\/\b\f\n\r\t";
        for (int i = 0; i < letters.length(); i++) {
            if (set.get(meant.charAt(i))) {
                choices.add(terms.text("\\" + letters.charAt(i)));
            }
        }
        Term prefix = terms.text("\\u");
        for (int from = set.nextSetBit(0); from >= 0; ) {
            int end = set.nextClearBit(from);
            if (from <= 0xFFFF) {
                choices.add(terms.sequence(prefix, hex(from, Math.min(end - 1, 0xFFFF))));
            }
            if (end - 1 > 0xFFFF) {
                pairs(Math.max(from, 0x10000), end - 1, prefix, choices);
            }
            from = set.nextSetBit(end);
        }
    }

    /** Two escapes for a character beyond 16 bits. */
    private void pairs(int from, int to, Term prefix, List<Term> choices) {
        int low = from - 0x10000;
        int high = to - 0x10000;
        for (int at = low; at <= high; ) {
            int lead = at >> 10;
            boolean whole = (at & 0x3FF) == 0 && at + 0x3FF <= high;
            int lastLead = whole ? (high + 1 >> 10) - 1 : lead;
            int end = whole ? (lastLead << 10 | 0x3FF) : Math.min(high, at | 0x3FF);
            choices.add(
                    terms.sequence(
                            prefix,
                            hex(0xD800 + lead, 0xD800 + lastLead),
                            prefix,
                            hex(0xDC00 + (at & 0x3FF), 0xDC00 + (end & 0x3FF))));
            at = end + 1;
        }
    }

    /** Four hexadecimal digits of either case. */
    private Term hex(int from, int to) {
        return hex(from, to, 4);
    }

    private Term hex(int from, int to, int length) {
        if (length == 1) {
            return hexDigit(from, to);
        }
        int size = 1 << 4 * (length - 1);
        int first = from / size;
        int last = to / size;
        if (first == last) {
            return terms.sequence(hexDigit(first, first), hex(from % size, to % size, length - 1));
        }
        List<Term> choices = new ArrayList<>();
        int wholeFrom = first;
        int wholeTo = last;
        if (from % size != 0) {
            choices.add(hex(from, first * size + size - 1, length));
            wholeFrom++;
        }
        if (to % size != size - 1) {
            choices.add(hex(last * size, to, length));
            wholeTo--;
        }
        if (wholeFrom <= wholeTo) {
            choices.add(terms.sequence(hexDigit(wholeFrom, wholeTo), hex(0, size - 1, length - 1)));
        }
        return terms.either(choices);
    }

    private Term hexDigit(int from, int to) {
        Term decimal = terms.range('0' + from, '0' + Math.min(to, 9));
        int low = Math.max(from, 10) - 10;
        Term small = terms.range('a' + low, 'a' + to - 10);
        Term large = terms.range('A' + low, 'A' + to - 10);
        return terms.either(
                from > 9 ? terms.nothing : decimal,
                to > 9 ? small : terms.nothing,
                to > 9 ? large : terms.nothing);
    }
}
