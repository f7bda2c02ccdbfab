package io.djlnpu.samples.command;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.djlnpu.samples.failure.FailureMessage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Where a command's output goes: the result to standard output, as text or as one JSON object;
 * hints and progress to standard error.
 */
final class Console {

    private static final Gson GSON =
            new GsonBuilder().serializeNulls().disableHtmlEscaping().setPrettyPrinting().create();

    private final PrintWriter out;
    private final PrintWriter err;
    private final CommonOptions common;

    /** What is shown now; it must be gone before anything else is printed. */
    private Progress shown = Progress.silent();

    Console(PrintWriter out, PrintWriter err, CommonOptions common) {
        this.out = out;
        this.err = err;
        this.common = common;
    }

    /**
     * Prints the result: the object with {@code --json}, else whatever the writer prints.
     *
     * @throws UncheckedIOException if standard output cannot be written
     */
    void result(Object json, Consumer<PrintWriter> text) {
        shown.close();
        if (common.json) {
            out.println(GSON.toJson(json));
        } else {
            text.accept(out);
        }
        check();
    }

    /**
     * Prints a piece of a streamed result at once; nothing with {@code --json}.
     *
     * @throws UncheckedIOException if standard output cannot be written
     */
    void stream(String piece) {
        shown.close();
        if (!common.json) {
            out.print(piece);
            check();
        }
    }

    /** A writer keeps failures to itself until it is asked; asking flushes it. */
    private void check() {
        if (out.checkError()) {
            throw new UncheckedIOException(new IOException(FailureMessage.LOST_OUTPUT));
        }
    }

    /** Says something useful beside the result. */
    void hint(String line) {
        if (!common.quiet) {
            note(line);
        }
    }

    /** Says what somebody asked for, and what went wrong, beside the result. */
    void note(String line) {
        shown.close();
        err.println(line);
        err.flush();
    }

    /** Opens a bar over counted things, which shows only where somebody watches. */
    Progress progress(String task) {
        return show(() -> Progress.bar(task, "", 1));
    }

    /** Opens a bar over bytes, shown as megabytes. */
    Progress progressOfBytes(String task) {
        return show(() -> Progress.bar(task, " MB", 1_000_000));
    }

    /** Shows that a task runs of which nobody knows how long it takes. */
    Progress busy(String task) {
        Progress busy = progress(task);
        busy.update(0, -1);
        return busy;
    }

    private Progress show(Supplier<Progress> bar) {
        shown.close();
        boolean watched = !common.quiet && Boolean.getBoolean("npu.terminal");
        shown = watched ? bar.get() : Progress.silent();
        return shown;
    }

    void flush() {
        out.flush();
        err.flush();
    }
}
