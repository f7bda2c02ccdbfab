package io.djlnpu.samples.command;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/**
 * How long a fresh JVM waits for a model's first token, and how much of that is the prompt itself:
 * the same prompt once the compiler has seen it.
 *
 * @param prompt tokens of the prompt
 * @param load seconds until the model is loaded and warm
 * @param warmUp seconds of these that went into compiling kernels
 * @param first seconds of the first prompt
 * @param warm seconds of the same prompt later
 * @param beyondPrompt seconds from there to the first token, less those of the prompt when warm
 */
record FirstToken(
        int prompt, double load, double warmUp, double first, Spread warm, double beyondPrompt) {

    private static final double WARM_UP_SECONDS = 5;

    /** Measures; nothing of the model may have run in this JVM before. */
    static FirstToken measure(
            Path bundle, DecoderOptions options, int prompt, int repetitions, Console console)
            throws IOException {
        long start = System.nanoTime();
        try (LoadedModel loaded = LoadedModel.open(bundle, options, console)) {
            DecoderModel model = loaded.model();
            double mapped = seconds(start);
            model.warmUp();
            double load = seconds(start);
            int[] ids = new Random(42).ints(prompt, 0, model.config().vocabSize()).toArray();
            double first = prefill(model, ids);
            for (long from = System.nanoTime(); seconds(from) < WARM_UP_SECONDS; ) {
                prefill(model, ids);
            }
            double[] warm = new double[repetitions];
            for (int i = 0; i < repetitions; i++) {
                warm[i] = prefill(model, ids);
            }
            Spread spread = Spread.of(warm);
            return new FirstToken(
                    prompt, load, load - mapped, first, spread, first - spread.median());
        }
    }

    private static double prefill(DecoderModel model, int[] ids) {
        long start = System.nanoTime();
        try (DecoderSession session = model.newSession()) {
            session.prefill(ids);
        }
        return seconds(start);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    void print(PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "loaded after %.2f s, %.2f s of them to compile kernels; the first prompt of %d took %.2f s,"
                        + " warm %.3f s (%.3f to %.3f): first token %.2f s after loading began,"
                        + " %.2f s after loading beyond its prompt%n",
                load,
                warmUp,
                prompt,
                first,
                warm.median(),
                warm.min(),
                warm.max(),
                load + first,
                beyondPrompt);
    }
}
