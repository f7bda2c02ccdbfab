package io.djlnpu.samples.chat;

import java.util.List;

/** What a line that starts with a slash means. */
final class ChatCommands {

    /** All commands, for completion. */
    static final List<String> NAMES =
            List.of("/help", "/image", "/system", "/reset", "/save", "/exit");

    /** What {@code /help} prints. */
    static final String HELP =
            """
            /image FILE   show a picture with the next message
            /system TEXT  start again with this system message
            /reset        forget the conversation
            /save FILE    write the conversation as JSON
            /exit         leave (also Ctrl-D)
            Alt-Enter or a backslash at the end of a line goes on in the next; \"""...\""" holds many lines.
            Ctrl-C stops the answer, not the program.""";

    private ChatCommands() {}

    /**
     * A line split into command and argument.
     *
     * @param name with its slash
     * @param argument the rest, trimmed; empty if there is none
     */
    record Parsed(String name, String argument) {

        static Parsed of(String line) {
            int space = line.indexOf(' ');
            return space < 0
                    ? new Parsed(line, "")
                    : new Parsed(line.substring(0, space), line.substring(space + 1).strip());
        }
    }
}
