package io.djlnpu.samples.command;

import io.djlnpu.decoder.DecoderSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Perplexity of a text. Windows of {@code context} tokens start every {@code stride} tokens, each
 * run alone; a token is scored once, in the first window that holds it and its predecessor. One
 * {@code <bos>} stands at the very start of the text.
 */
@Command(name = "perplexity", description = "Says how well the model predicts a text.")
public final class PerplexityCommand extends NpuCommand {

    @Mixin private ModelOptions model;

    @Option(names = "--file", required = true, paramLabel = "T", description = "the text, UTF-8")
    private Path file;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "tokens of a window (default: ${DEFAULT-VALUE})")
    private int context = 512;

    @Option(
            names = "--stride",
            paramLabel = "N",
            description = "tokens from one window to the next (default: the context)")
    private Integer stride;

    /** Made by picocli. */
    public PerplexityCommand() {}

    /** The JSON result. */
    private record Result(double perplexity, double meanNll, long tokens) {}

    @Override
    int run(Console console) throws IOException {
        int step = stride == null ? context : stride;
        if (context < 2 || step < 1 || step > context) {
            throw misuse("expected --context of at least 2 and --stride from 1 to the context");
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
            Result result = score(loaded, ids, step, progress);
            console.result(
                    result,
                    out ->
                            out.printf(
                                    Locale.ROOT,
                                    "perplexity %.4f, mean negative log-likelihood %.4f nats over %d"
                                            + " tokens%n",
                                    result.perplexity(),
                                    result.meanNll(),
                                    result.tokens()));
            return 0;
        }
    }

    private Result score(LoadedModel loaded, int[] ids, int step, Progress progress) {
        double[] sum = new double[1];
        long scored = 0;
        int scoredTo = 0;
        for (int begin = 0; scoredTo < ids.length; begin += step) {
            int start = begin;
            int end = Math.min(ids.length, begin + context);
            int first = Math.max(scoredTo, begin + 1);
            if (end - begin > 1) {
                try (DecoderSession session = loaded.model().newSession()) {
                    session.prefillAll(
                            Arrays.copyOfRange(ids, begin, end),
                            (index, logits) -> {
                                int next = start + index + 1;
                                if (next >= first && next < end) {
                                    sum[0] += LogitDistance.surprise(logits, ids[next]);
                                }
                            });
                }
                scored += end - first;
            }
            scoredTo = end;
            progress.update(end, ids.length);
        }
        double mean = sum[0] / scored;
        return new Result(Math.exp(mean), mean, scored);
    }
}
