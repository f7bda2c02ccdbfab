package io.djlnpu.samples.command;

import io.djlnpu.generate.Perplexity;
import io.djlnpu.generate.TextWindow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Perplexity of a text. Windows of {@code context} tokens start every {@code stride} tokens, each
 * run alone after a {@code <bos>} of its own; a token is scored once, in the first window that
 * reaches it.
 */
@Command(name = "perplexity", description = "Says how well the model predicts a text.")
public final class PerplexityCommand extends NpuCommand {

    @Mixin private ModelOptions model;

    @Option(names = "--file", required = true, paramLabel = "T", description = "the text, UTF-8")
    private Path file;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "tokens of a window, its <bos> included (default: ${DEFAULT-VALUE})")
    private int context = 512;

    @Option(
            names = "--stride",
            paramLabel = "N",
            description = "tokens from one window to the next (default: no overlap)")
    private Integer stride;

    /** Made by picocli. */
    public PerplexityCommand() {}

    /** The JSON result; the windows are those of {@link TextWindow}. */
    private record Result(
            double perplexity, double meanNll, long tokens, int context, int stride, int windows) {}

    @Override
    int run(Console console) throws IOException {
        int step = stride == null ? context - 1 : stride;
        if (context < 2 || step < 1 || step >= context) {
            throw misuse(
                    "expected --context of at least 2 and --stride from 1 to the context less 1, as"
                            + " <bos> takes a place");
        }
        String text = TextFile.read(file);
        if (text.isBlank()) {
            throw new IllegalArgumentException(file + ": no text to score; it is empty");
        }
        try (LoadedModel loaded =
                        LoadedModel.open(model, common, console, LoadedModel.Words.NEEDED);
                Progress progress = console.progress("reading")) {
            int most = loaded.model().maxContext();
            if (context > most) {
                throw misuse(
                        "--context %d, expected at most %d, what this model holds"
                                .formatted(context, most));
            }
            int[] ids = loaded.tokenizer().encode(text, true);
            List<TextWindow> windows = TextWindow.cut(ids, context, step);
            Perplexity measured =
                    Perplexity.measure(
                            loaded.model(), windows, done -> progress.update(done, ids.length - 1));
            Result result =
                    new Result(
                            measured.perplexity(),
                            measured.meanNll(),
                            measured.tokens(),
                            context,
                            step,
                            windows.size());
            console.result(
                    result,
                    out ->
                            out.printf(
                                    Locale.ROOT,
                                    "perplexity %.4f, mean negative log-likelihood %.4f nats over %d"
                                            + " tokens; %d windows of %d tokens, one every %d, each"
                                            + " with its <bos>%n",
                                    result.perplexity(),
                                    result.meanNll(),
                                    result.tokens(),
                                    result.windows(),
                                    result.context(),
                                    result.stride()));
            return 0;
        }
    }
}
