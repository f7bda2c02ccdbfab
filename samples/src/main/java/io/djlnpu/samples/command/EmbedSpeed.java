package io.djlnpu.samples.command;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.TextEmbedder;
import io.djlnpu.format.ModelFormatException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Embeddings a second: a batch of texts of random tokens at a time.
 *
 * @param model what is measured
 * @param tokens of each text
 * @param batch texts of a batch
 * @param textsPerSecond over the repetitions
 */
record EmbedSpeed(String model, int tokens, int batch, Spread textsPerSecond) {

    private static final int BATCH = 8;

    static EmbedSpeed measure(String name, DecoderModel model, int tokens, int repetitions)
            throws ModelFormatException {
        Random random = new Random(1);
        int vocab = model.config().vocabSize();
        List<int[]> texts =
                IntStream.range(0, BATCH)
                        .mapToObj(i -> random.ints(tokens, 0, vocab).toArray())
                        .toList();
        double[] speeds = new double[repetitions];
        try (TextEmbedder embedder = model.newEmbedder()) {
            model.warmUp();
            embedder.embed(texts);
            for (int i = 0; i < repetitions; i++) {
                long start = System.nanoTime();
                embedder.embed(texts);
                speeds[i] = BATCH * 1e9 / (System.nanoTime() - start);
            }
        }
        return new EmbedSpeed(name, tokens, BATCH, Spread.of(speeds));
    }

    void print(PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "embed %4d tokens, %d texts at a time  %s texts/s%n",
                tokens,
                batch,
                textsPerSecond);
    }
}
