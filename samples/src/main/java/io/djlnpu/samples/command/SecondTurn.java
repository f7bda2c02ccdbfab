package io.djlnpu.samples.command;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.generate.Generation;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.PromptCache;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.Tokenizer;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * How long a conversation waits for the first token of its second turn, beside its first. The
 * second prompt is the first one, the answer to it, and {@value #NEW_TOKENS} tokens of the user.
 *
 * @param prompt tokens of the first turn
 * @param answer tokens of the answer between the turns
 * @param first seconds to the first turn's first token
 * @param second seconds to the second turn's first token
 * @param ratio second over first, turn by turn
 */
record SecondTurn(int prompt, int answer, Spread first, Spread second, Spread ratio) {

    private static final int ANSWER_TOKENS = 64;
    private static final int NEW_TOKENS = 24;
    private static final long CACHE_BYTES = 1L << 30;

    static SecondTurn measure(
            DecoderModel model, Tokenizer tokenizer, int prompt, int repetitions) {
        double[] first = new double[repetitions];
        double[] second = new double[repetitions];
        double[] ratio = new double[repetitions];
        for (int i = -1; i < repetitions; i++) { // once to warm up
            Random random = new Random(i);
            try (PromptCache cache = new PromptCache(model, CACHE_BYTES)) {
                TextGenerator generator = new TextGenerator(model, tokenizer, cache);
                int[] opening = ids(random, model, prompt);
                int[] said = new int[ANSWER_TOKENS];
                double one = turn(generator, opening, said);
                int[] following = join(opening, said, ids(random, model, NEW_TOKENS));
                double two = turn(generator, following, new int[1]);
                if (i >= 0) {
                    first[i] = one;
                    second[i] = two;
                    ratio[i] = two / one;
                }
            }
        }
        return new SecondTurn(
                prompt, ANSWER_TOKENS, Spread.of(first), Spread.of(second), Spread.of(ratio));
    }

    private static double turn(TextGenerator generator, int[] prompt, int[] answer) {
        GenerationConfig config =
                GenerationConfig.builder().maxNewTokens(answer.length).ignoreEos(true).build();
        try (Generation generation = generator.start(prompt, config)) {
            generation.forEachRemaining(token -> {});
            System.arraycopy(generation.ids(), 0, answer, 0, answer.length);
            return generation.timeToFirstTokenSeconds();
        }
    }

    private static int[] ids(Random random, DecoderModel model, int count) {
        return random.ints(count, 0, model.config().vocabSize()).toArray();
    }

    private static int[] join(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
    }

    void print(PrintWriter out) {
        print(out, "first turn", "s", first);
        print(out, "second turn", "s", second);
        print(out, "ratio", "", ratio);
    }

    private static void print(PrintWriter out, String name, String unit, Spread times) {
        out.printf(
                Locale.ROOT,
                "%-12s %.3f (%.3f to %.3f) %s%n",
                name,
                times.median(),
                times.min(),
                times.max(),
                unit);
    }
}
