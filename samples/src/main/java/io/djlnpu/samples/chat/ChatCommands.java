package io.djlnpu.samples.chat;

import java.nio.file.Path;
import java.util.List;

/** What a line that starts with a slash means. */
final class ChatCommands {

    /** All commands, for completion. */
    static final List<String> NAMES =
            List.of("/help", "/image", "/system", "/reset", "/save", "/exit");

    /** What {@code /help} prints. */
    static final String HELP =
            """
            /image FILE   show a picture with the next message; ~/ is your home
            /system TEXT  start again with this system message, or with none
            /reset        forget the conversation
            /save FILE    write the conversation as JSON
            /exit         leave (also Ctrl-D)
            Alt-Enter or a backslash at the end of a line goes on in the next; \"""...\""" holds many lines.
            Ctrl-C stops the answer, not the program.""";

    private ChatCommands() {}

    /**
     * Reads the name of a file as a shell would: in quotes, or with ~ for the home.
     *
     * @param command the command with its argument
     * @return the path
     * @throws IllegalArgumentException if it is empty or no path
     */
    static Path file(Parsed command) {
        String name = command.argument();
        if (name.length() > 1 && "\"'".indexOf(name.charAt(0)) >= 0) {
            boolean closed = name.charAt(0) == name.charAt(name.length() - 1);
            name = closed ? name.substring(1, name.length() - 1) : name;
        } else if (name.startsWith("~/")) {
            name = System.getProperty("user.home") + name.substring(1);
        }
        if (name.isEmpty()) {
            throw new IllegalArgumentException(command.name() + " needs the name of a file");
        }
        return Path.of(name);
    }

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
