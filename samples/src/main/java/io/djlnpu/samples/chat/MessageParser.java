package io.djlnpu.samples.chat;

import java.util.List;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;

/**
 * Tells JLine when a message is complete: a line that ends with a backslash, and a text that opens
 * with three quotes, go on in the next line. Nothing else is special; a message is not a shell
 * line.
 */
final class MessageParser implements Parser {

    private static final String FENCE = "\"\"\"";

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
        if (context != ParseContext.COMPLETE && isOpen(line)) {
            throw new EOFError(-1, -1, "the message goes on");
        }
        return new Message(line, cursor);
    }

    /** Tells whether more lines belong to the message. */
    static boolean isOpen(String line) {
        String text = line.stripLeading();
        if (text.startsWith(FENCE)) {
            return text.length() < 2 * FENCE.length() || !text.stripTrailing().endsWith(FENCE);
        }
        return line.endsWith("\\");
    }

    /** Removes the marks of continuation from a complete message. */
    static String text(String line) {
        String text = line.strip();
        if (text.startsWith(FENCE) && text.length() >= 2 * FENCE.length()) {
            return text.substring(FENCE.length(), text.length() - FENCE.length()).strip();
        }
        return line.replace("\\\n", "\n").strip();
    }

    private record Message(String line, int cursor) implements CompletingParsedLine {

        @Override
        public String word() {
            return line.substring(wordStart(), cursor);
        }

        @Override
        public int wordCursor() {
            return cursor - wordStart();
        }

        @Override
        public int wordIndex() {
            return words().size() - 1;
        }

        @Override
        public List<String> words() {
            return List.of(line.substring(0, cursor).split(" ", -1));
        }

        @Override
        public CharSequence escape(CharSequence candidate, boolean complete) {
            return candidate;
        }

        @Override
        public int rawWordCursor() {
            return wordCursor();
        }

        @Override
        public int rawWordLength() {
            return word().length();
        }

        private int wordStart() {
            return line.lastIndexOf(' ', cursor - 1) + 1;
        }
    }
}
