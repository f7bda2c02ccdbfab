package io.djlnpu.samples.peer;

import ai.djl.util.Utils;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.onnx.report.ImportReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program behind {@code bench/compare}: ours beside ONNX Runtime on the same models. */
@Command(
        name = "compare",
        description =
                "Times our engine and ONNX Runtime, through DJL and through its own API, on the same"
                        + " prompt, round by round.",
        mixinStandardHelpOptions = true)
public final class Comparison implements Callable<Integer> {

    @ArgGroup(multiplicity = "1")
    private Subject subject;

    /** What is compared. */
    private static final class Subject {

        @Option(
                names = "--model",
                required = true,
                paramLabel = "ONNX",
                description =
                        "ONNX model folder or file; may come several times, ours runs the first")
        private List<Path> models;

        @Option(
                names = "--config",
                required = true,
                paramLabel = "FILE",
                description =
                        "config.json of a Gemma 3; a 4-bit ONNX model of its shape with random"
                                + " weights is written once, into the cache of DJL")
        private Path config;
    }

    @Option(
            names = "--accuracy-level",
            paramLabel = "N",
            description =
                    "how ONNX Runtime multiplies 4-bit weights, from 0 (float32) to 4 (activations"
                            + " in 8 bits); may come several times (default: as the file says)")
    private List<Integer> accuracyLevels = List.of();

    @Option(names = "-p", description = "tokens of the prompt (default: ${DEFAULT-VALUE})")
    private int promptTokens = 512;

    @Option(names = "-n", description = "tokens to decode (default: ${DEFAULT-VALUE})")
    private int newTokens = 64;

    @Option(names = "-r", description = "rounds (default: ${DEFAULT-VALUE})")
    private int rounds = 5;

    @Option(names = "--threads", description = "threads of each (default: ${DEFAULT-VALUE})")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--gguf",
            paramLabel = "FILE",
            description = "the model for llama-bench, where that is on the path")
    private Path gguf;

    private Comparison() {}

    /**
     * Runs the comparison.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        System.exit(new CommandLine(new Comparison()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        for (int level : accuracyLevels) {
            if (level < 0 || level > 4) {
                throw new IllegalArgumentException(
                        "--accuracy-level " + level + ": expected 0 to 4");
            }
        }
        List<Contestant> contestants = new ArrayList<>();
        List<Path> models = subject.config == null ? subject.models : List.of(random());
        try (ModelBundle bundle =
                        BundleCache.standard().open(models.getFirst(), (name, done, total) -> {});
                DecoderModel ours =
                        DecoderModel.load(bundle, DecoderOptions.defaults().withThreads(threads))) {
            contestants.add(
                    new NpuContestant("ours, " + ours.provider() + ", " + threads + "t", ours));
            try {
                for (Path model : models) {
                    addOnnxRuntime(model, contestants);
                }
                int vocab = bundle.config().vocabSize();
                int[] prompt = new Random(42).ints(promptTokens, 0, vocab).toArray();
                new Contest(prompt, newTokens, rounds).run(contestants, System.out);
            } finally {
                contestants.forEach(Contestant::close);
            }
        }
        LlamaCpp.print(gguf, promptTokens, newTokens, threads, System.out);
        return 0;
    }

    private Path random() throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(Files.readAllBytes(subject.config));
        String name = "random-%s-%08x".formatted(subject.config.getFileName(), checksum.getValue());
        Path folder = Utils.getCacheDir().resolve("npu").resolve(name);
        RandomDecoder.write(subject.config, folder);
        return folder;
    }

    private void addOnnxRuntime(Path model, List<Contestant> contestants) throws Exception {
        Path decoder;
        int kvHeads;
        int headDim;
        try (OnnxDecoder onnx = OnnxDecoder.open(model)) {
            ImportReport.ChosenFile file = onnx.report().files().getFirst();
            decoder = file.path();
            kvHeads = onnx.config().kvHeads();
            headDim = onnx.config().headDim();
        }
        String name = model.getFileName().toString();
        if (accuracyLevels.isEmpty()) {
            addOnnxRuntime(name, decoder, kvHeads, headDim, contestants);
        }
        for (int level : accuracyLevels) {
            Path folder =
                    Files.createTempDirectory(decoder.toAbsolutePath().getParent(), ".compare-");
            try {
                // ONNX Runtime has read or mapped all it needs once a session is made
                addOnnxRuntime(
                        name + " accuracy " + level,
                        MatMulAccuracy.copy(decoder, level, folder),
                        kvHeads,
                        headDim,
                        contestants);
            } finally {
                deleteTree(folder);
            }
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void addOnnxRuntime(
            String name, Path decoder, int kvHeads, int headDim, List<Contestant> contestants)
            throws Exception {
        contestants.add(
                new DjlContestant(
                        "ORT via DJL, " + name, "OnnxRuntime", decoder, kvHeads, headDim, threads));
        contestants.add(
                new OnnxRuntimeContestant(
                        "ORT own API, " + name,
                        new OnnxRuntimeDecoder(decoder, kvHeads, headDim, threads)));
    }
}
