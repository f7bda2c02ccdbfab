package io.djlnpu.samples.command;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.simd.PackedUnits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures speed as llama-bench does: random tokens, prompt and answer apart, after a warm-up. */
@Command(name = "bench", description = "Measures prefill and decode in tokens per second.")
public final class BenchCommand extends NpuCommand {

    @ArgGroup(multiplicity = "1")
    private Subject subject;

    @Mixin private RunOptions how;

    /** What is measured. */
    private static final class Subject {

        @Option(
                names = {"-m", "--model"},
                paramLabel = "MODEL",
                description = "bundle folder, ONNX model folder, or one .onnx file")
        private Path model;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "config.json of a model that is run; weights are random")
        private Path config;
    }

    @Option(
            names = "--keep",
            paramLabel = "FOLDER",
            description = "of --config: leaves the bundle of random weights there, for --model")
    private Path kept;

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
            names = "--sessions",
            paramLabel = "N",
            description =
                    "sequences that decode at once, their speeds added up, in turns with one alone"
                            + " (default: ${DEFAULT-VALUE})")
    private int sessions = 1;

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

    @Option(
            names = "--first-token",
            description =
                    "measures instead how long this JVM waits for the model's first token, loading"
                            + " included; -p is the length of the prompt")
    private boolean firstToken;

    @Option(
            names = "--embed",
            description =
                    "measures instead how many texts an embedding model embeds a second; -p is the"
                            + " length of a text")
    private boolean embed;

    /** Made by picocli. */
    public BenchCommand() {}

    /**
     * The JSON result; speeds in tokens a second, the roof in GB/s, of several sequences also how
     * many times one's speed they have (else null).
     */
    private record Result(
            String model,
            int prompt,
            int tokens,
            int depth,
            int sessions,
            Spread prefill,
            Spread decode,
            Spread timesOne,
            long bytesPerToken,
            Spread memoryRoof,
            Spread percentOfRoof,
            int threads,
            String numerics,
            String kernels,
            String weights) {}

    @Override
    int run(Console console) throws IOException {
        if (promptTokens < 1 || newTokens < 1 || repetitions < 1 || depth < 1 || sessions < 1) {
            throw misuse("-p, -n, -d, -r and --sessions must be at least 1");
        }
        if (embed && (firstToken || secondTurn)) {
            throw misuse("--embed measures no answers; leave the other measurement out");
        }
        if (firstToken && secondTurn) {
            throw misuse(
                    "--first-token and --second-turn measure different things; run them apart");
        }
        if (secondTurn && subject.model == null) {
            throw misuse("--second-turn needs a --model: random weights have no tokenizer");
        }
        if (firstToken && subject.model == null) {
            throw misuse(
                    "--first-token needs a --model, as it measures a JVM that did nothing before;"
                            + " --config FILE --keep FOLDER makes one");
        }
        if (kept != null && subject.config == null) {
            throw misuse("--keep says where the weights of --config go");
        }
        if (firstToken) {
            FirstToken measured =
                    FirstToken.measure(
                            subject.model, how.with(common), promptTokens, repetitions, console);
            console.result(measured, measured::print);
            return 0;
        }
        if (subject.model != null) {
            try (LoadedModel loaded = LoadedModel.open(subject.model, how.with(common), console)) {
                if (secondTurn) {
                    SecondTurn turns =
                            SecondTurn.measure(
                                    loaded.model(), loaded.tokenizer(), promptTokens, repetitions);
                    console.result(turns, turns::print);
                    return 0;
                }
                return measure(console, subject.model, loaded.model());
            }
        }
        Path folder = Files.createTempDirectory("npu-bench");
        try {
            Path bundle = kept == null ? folder.resolve("random") : kept;
            try (Progress progress = console.progressOfBytes("making weights")) {
                BundleWriter.write(
                        RandomModel.of(Family.read(subject.config)),
                        bundle,
                        BundleOptions.defaults()
                                .withEncoding(Encoding.MINMAX)
                                .withProgress(
                                        (tensor, done, total) -> progress.update(done, total)));
            }
            try (LoadedModel loaded = LoadedModel.open(bundle, how.with(common), console)) {
                return measure(console, subject.config, loaded.model());
            }
        } finally {
            deleteTree(folder);
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private int measure(Console console, Path name, DecoderModel gemma) throws IOException {
        if (embed) {
            EmbedSpeed speed =
                    EmbedSpeed.measure(name.toString(), gemma, promptTokens, repetitions);
            console.result(speed, speed::print);
            return 0;
        }
        try (Progress progress = console.progress("measuring");
                MemoryRoof roof = new MemoryRoof(common.threads)) {
            SpeedTest test = new SpeedTest(gemma, promptTokens, newTokens, depth, sessions);
            SpeedTest alone = new SpeedTest(gemma, promptTokens, newTokens, depth, 1);
            test.warmUp();
            if (sessions > 1) {
                alone.warmUp();
            }
            roof.warmUp();
            double[] reads = new double[repetitions];
            double[] share = new double[repetitions];
            long bytes = bytesPerToken(gemma.config());
            double[] prefill = new double[repetitions];
            double[] decode = new double[repetitions];
            double[] timesOne = new double[repetitions];
            for (int i = 0; i < repetitions; i++) {
                prefill[i] = test.prefill();
                decode[i] = test.decode();
                timesOne[i] = sessions == 1 ? 1 : decode[i] / alone.decode();
                reads[i] = roof.measure() / 1e9;
                share[i] = 100 * decode[i] / sessions * bytes / 1e9 / reads[i];
                progress.update(i + 1, repetitions);
            }
            Result result =
                    new Result(
                            name.toString(),
                            promptTokens,
                            newTokens,
                            depth,
                            sessions,
                            Spread.of(prefill),
                            Spread.of(decode),
                            sessions == 1 ? null : Spread.of(timesOne),
                            bytes,
                            Spread.of(reads),
                            Spread.of(share),
                            common.threads,
                            how.numerics.toString(),
                            gemma.provider(),
                            gemma.weightsInUse().toString());
            console.result(
                    result,
                    out -> {
                        out.printf(
                                Locale.ROOT,
                                "prefill %4d  %s tok/s%n",
                                promptTokens,
                                result.prefill());
                        out.printf(
                                Locale.ROOT,
                                "decode  %4d  %s tok/s%s%n",
                                newTokens,
                                result.decode(),
                                sessions == 1
                                        ? ""
                                        : String.format(
                                                Locale.ROOT,
                                                " of %d sequences, %s x one",
                                                sessions,
                                                result.timesOne()));
                        out.printf(
                                Locale.ROOT,
                                "a token reads %.1f MB of weights: %s %% of plain reads, %s GB/s%n",
                                bytes / 1e6,
                                result.percentOfRoof(),
                                result.memoryRoof());
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

    /** Weights that one decoded token multiplies, as they are packed: 5 bits each. */
    private static long bytesPerToken(DecoderSpec config) {
        return TensorLayout.text(config).stream()
                .filter(TensorLayout::quantized)
                .mapToLong(
                        layout ->
                                layout.rows()
                                        / 32L
                                        * PackedUnits.unitsAcross(layout.columns())
                                        * PackedUnits.UNIT_BYTES)
                .sum();
    }
}
