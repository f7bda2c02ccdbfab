package io.djlnpu.generate;

import java.util.List;

/** Finds stop sequences in a growing text, and holds back what may be the beginning of one. */
final class StopSequences {

    private final List<String> sequences;
    private final StringBuilder held = new StringBuilder();
    private boolean found;

    StopSequences(List<String> sequences) {
        this.sequences = sequences;
    }

    /**
     * Returns the text that is safe to show: everything before a stop sequence, never part of it.
     */
    String append(String text) {
        if (sequences.isEmpty()) {
            return text;
        }
        held.append(text);
        int end = firstMatch();
        if (end >= 0) {
            found = true;
            return take(end);
        }
        return take(held.length() - possibleBeginning());
    }

    boolean found() {
        return found;
    }

    /** Returns what was held back, at the end of a text that no stop sequence ended. */
    String finish() {
        return found ? "" : take(held.length());
    }

    private String take(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    private int firstMatch() {
        int first = -1;
        for (String sequence : sequences) {
            int at = held.indexOf(sequence);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        return first;
    }

    private int possibleBeginning() {
        int longest = 0;
        for (String sequence : sequences) {
            int length = Math.min(sequence.length() - 1, held.length());
            while (length > longest && !endsWith(sequence, length)) {
                length--;
            }
            longest = Math.max(longest, length);
        }
        return longest;
    }

    private boolean endsWith(String sequence, int length) {
        int from = held.length() - length;
        for (int i = 0; i < length; i++) {
            if (held.charAt(from + i) != sequence.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
