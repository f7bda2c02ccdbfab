package io.djlnpu.samples.command;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.PrintWriter;
import java.util.function.Consumer;

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

    Console(PrintWriter out, PrintWriter err, CommonOptions common) {
        this.out = out;
        this.err = err;
        this.common = common;
    }

    /** Prints the result: the object with {@code --json}, else whatever the writer prints. */
    void result(Object json, Consumer<PrintWriter> text) {
        if (common.json) {
            out.println(GSON.toJson(json));
        } else {
            text.accept(out);
        }
    }

    /** Prints a piece of a streamed result at once; nothing with {@code --json}. */
    void stream(String piece) {
        if (!common.json) {
            out.print(piece);
            out.flush();
        }
    }

    /** Says something useful beside the result. */
    void hint(String line) {
        if (!common.quiet) {
            err.println(line);
        }
    }

    /** Opens a progress bar, which shows only where somebody watches. */
    Progress progress(String task) {
        return common.quiet || !Boolean.getBoolean("npu.terminal")
                ? Progress.silent()
                : Progress.bar(task);
    }

    void flush() {
        out.flush();
        err.flush();
    }
}
