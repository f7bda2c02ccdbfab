package io.djlnpu.samples.chat;

import io.djlnpu.samples.failure.FailureMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;

/**
 * Reads messages from a terminal and writes to it. Colours are left out where {@code NO_COLOR} is
 * set. Where nobody sits at the terminal, as in a pipe, only answers are written to it: no prompt,
 * and what is said beside them goes elsewhere.
 */
public final class ChatScreen {

    private static final AttributedStyle PROMPT =
            AttributedStyle.BOLD.foreground(AttributedStyle.CYAN);
    private static final AttributedStyle NOTE = AttributedStyle.DEFAULT.faint();

    private final Terminal terminal;
    private final LineReader reader;
    private final Consumer<String> aside;
    private final boolean quiet;
    private final boolean watched;
    private final boolean colours;

    /** Whether the last thing that was typed was Ctrl-C on an empty line. */
    private boolean aboutToLeave;

    /**
     * Takes over a terminal.
     *
     * @param terminal where to read and write
     * @param historyFile where earlier messages are kept between runs; nowhere if it is empty
     * @param aside takes the lines beside the conversation where the terminal is dumb or none
     * @param quiet whether hints are left out
     */
    public ChatScreen(
            Terminal terminal, Optional<Path> historyFile, Consumer<String> aside, boolean quiet) {
        this(terminal, historyFile, aside, quiet, System.getenv("NO_COLOR"));
    }

    ChatScreen(
            Terminal terminal,
            Optional<Path> historyFile,
            Consumer<String> aside,
            boolean quiet,
            String noColor) {
        this.terminal = terminal;
        this.aside = aside;
        this.quiet = quiet;
        this.watched = !terminal.getType().startsWith(Terminal.TYPE_DUMB);
        this.colours = watched && isEmpty(noColor);
        this.reader =
                LineReaderBuilder.builder()
                        .terminal(terminal)
                        .appName("npu")
                        .parser(new MessageParser())
                        .completer(
                                (line, word, candidates) ->
                                        ChatCommands.NAMES.forEach(
                                                name -> candidates.add(new Candidate(name))))
                        .variable(LineReader.HISTORY_FILE, historyFile.orElse(null))
                        .variable(LineReader.SECONDARY_PROMPT_PATTERN, "")
                        .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                        .build();
        // Alt-Enter adds a line to the message, in every editing mode.
        reader.getKeyMaps()
                .values()
                .forEach(map -> map.bind(new Reference("new-line"), "\033\r", "\033\n"));
        reader.getWidgets()
                .put(
                        "new-line",
                        () -> {
                            reader.getBuffer().write('\n');
                            return true;
                        });
    }

    /**
     * Reads one message; Ctrl-C gives up the line and starts another, and twice in a row it leaves.
     *
     * @return the message, or nothing at the end of the input
     */
    public Optional<String> read() {
        while (true) {
            try {
                String line = reader.readLine(watched ? styled("> ", PROMPT) : "");
                aboutToLeave = false;
                return Optional.of(MessageParser.text(line));
            } catch (UserInterruptException e) {
                if (aboutToLeave && e.getPartialLine().isEmpty()) {
                    return Optional.empty();
                }
                aboutToLeave = e.getPartialLine().isEmpty();
                if (aboutToLeave) {
                    hint("Ctrl-C again, Ctrl-D or /exit leaves");
                }
            } catch (EndOfFileException e) {
                return Optional.empty();
            }
        }
    }

    /**
     * Prints a piece of an answer.
     *
     * @throws UncheckedIOException if nobody takes it
     */
    void piece(String text) {
        terminal.writer().print(text);
        if (terminal.writer().checkError()) {
            throw new UncheckedIOException(new IOException(FailureMessage.LOST_OUTPUT));
        }
    }

    /** Prints something about the conversation rather than in it. */
    void note(String line) {
        if (watched) {
            terminal.writer().println(styled(line, NOTE));
            terminal.flush();
        } else {
            aside.accept(line);
        }
    }

    /**
     * Prints a note that nobody asked for.
     *
     * @param line the note
     */
    public void hint(String line) {
        if (!quiet) {
            note(line);
        }
    }

    /**
     * Watches for Ctrl-C while an answer comes.
     *
     * @param work receives the signal that Ctrl-C gives
     */
    void interruptible(InterruptibleWork work) throws IOException {
        StopSignal stop = new StopSignal();
        Terminal.SignalHandler before =
                terminal.handle(Terminal.Signal.INT, signal -> stop.request());
        try {
            work.run(stop);
        } finally {
            terminal.handle(Terminal.Signal.INT, before);
        }
    }

    /** Work that a signal ends. */
    interface InterruptibleWork {
        void run(StopSignal stop) throws IOException;
    }

    /** An empty variable is as good as none. */
    private static boolean isEmpty(String variable) {
        return variable == null || variable.isEmpty();
    }

    private String styled(String text, AttributedStyle style) {
        return colours ? new AttributedString(text, style).toAnsi(terminal) : text;
    }
}
