package io.djlnpu.samples.command;

import io.djlnpu.gemma3.Gemma3Model;
import io.djlnpu.gemma3.Gemma3Session;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures speed as llama-bench does: random tokens, prompt and answer apart, after a warm-up. */
@Command(name = "bench", description = "Measures prefill and decode in tokens per second.")
public final class BenchCommand extends NpuCommand {

    private static final long SEED = 42;
    private static final double WARM_UP_SECONDS = 2;

    @Mixin private ModelOptions model;

    @Option(
            names = "-p",
            paramLabel = "N",
            description = "tokens of the prompt (default: ${DEFAULT-VALUE})")
    private int promptTokens = 512;

    @Option(
            names = "-n",
            paramLabel = "N",
            description = "tokens to decode (default: ${DEFAULT-VALUE})")
    private int newTokens = 128;

    @Option(
            names = "-d",
            paramLabel = "N",
            description = "tokens in the context before decoding (default: the first one only)")
    private int depth = 1;

    @Option(
            names = "-r",
            paramLabel = "N",
            description = "timed repetitions (default: ${DEFAULT-VALUE})")
    private int repetitions = 5;

    @Option(
            names = "--second-turn",
            description =
                    "measures instead how long the first and the second turn of a conversation wait"
                            + " for their first token; -p is the length of the first")
    private boolean secondTurn;

    /** Made by picocli. */
    public BenchCommand() {}

    /** The JSON result; speeds in tokens per second. */
    private record Result(
            String model,
            int prompt,
            int tokens,
            int depth,
            Spread prefill,
            Spread decode,
            int threads,
            String numerics,
            String kernels,
            String weights) {}

    @Override
    int run(Console console) throws IOException {
        if (promptTokens < 1 || newTokens < 1 || repetitions < 1 || depth < 1) {
            throw misuse("-p, -n, -d and -r must be at least 1");
        }
        try (LoadedModel loaded = LoadedModel.open(model, common, console);
                Progress progress = console.progress("measuring")) {
            Gemma3Model gemma = loaded.model();
            if (secondTurn) {
                SecondTurn turns =
                        SecondTurn.measure(gemma, loaded.tokenizer(), promptTokens, repetitions);
                console.result(
                        turns,
                        out -> {
                            printTurn(out, "first turn", "s", turns.first());
                            printTurn(out, "second turn", "s", turns.second());
                            printTurn(out, "ratio", "", turns.ratio());
                        });
                return 0;
            }
            warmUp(gemma);
            double[] prefill = new double[repetitions];
            double[] decode = new double[repetitions];
            for (int i = 0; i < repetitions; i++) {
                prefill[i] = promptTokens / prefillSeconds(gemma);
                decode[i] = newTokens / decodeSeconds(gemma);
                progress.update(i + 1, repetitions);
            }
            Result result =
                    new Result(
                            model.model.toString(),
                            promptTokens,
                            newTokens,
                            depth,
                            Spread.of(prefill),
                            Spread.of(decode),
                            common.threads,
                            model.numerics.toString(),
                            gemma.provider(),
                            gemma.weightsInUse().toString());
            console.result(
                    result,
                    out -> {
                        out.printf("prefill %4d  %s tok/s%n", promptTokens, result.prefill());
                        out.printf("decode  %4d  %s tok/s%n", newTokens, result.decode());
                        out.println(
                                result.threads()
                                        + " threads, "
                                        + result.numerics()
                                        + ", kernels "
                                        + result.kernels()
                                        + ", weights "
                                        + result.weights());
                    });
            return 0;
        }
    }

    /** The compiler needs a second or two on every kernel before it shows its speed. */
    private void warmUp(Gemma3Model gemma) {
        long start = System.nanoTime();
        do {
            prefillSeconds(gemma);
            decodeSeconds(gemma);
        } while (System.nanoTime() - start < WARM_UP_SECONDS * 1e9);
    }

    private double prefillSeconds(Gemma3Model gemma) {
        int[] ids = randomIds(gemma, promptTokens);
        try (Gemma3Session session = gemma.newSession()) {
            long start = System.nanoTime();
            session.prefill(ids);
            return (System.nanoTime() - start) / 1e9;
        }
    }

    private double decodeSeconds(Gemma3Model gemma) {
        int[] ids = randomIds(gemma, newTokens);
        try (Gemma3Session session = gemma.newSession()) {
            session.prefill(randomIds(gemma, depth));
            long start = System.nanoTime();
            for (int id : ids) {
                session.decode(id);
            }
            return (System.nanoTime() - start) / 1e9;
        }
    }

    private static int[] randomIds(Gemma3Model gemma, int count) {
        return new Random(SEED).ints(count, 0, gemma.config().vocabSize()).toArray();
    }

    private static void printTurn(PrintWriter out, String name, String unit, Spread times) {
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
