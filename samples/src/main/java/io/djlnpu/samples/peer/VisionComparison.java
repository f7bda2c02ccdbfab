package io.djlnpu.samples.peer;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.OperatingSystemMXBean;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.TileExecutor;
import io.djlnpu.siglip.SiglipTower;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.NpuDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/compare-image}: our vision tower beside ONNX Runtime in float32,
 * both on the same random weights of Gemma 3's shape.
 */
@Command(
        name = "compare-image",
        description =
                "Times our vision tower and ONNX Runtime on the same random weights and picture,"
                        + " round by round.",
        mixinStandardHelpOptions = true)
public final class VisionComparison implements Callable<Integer> {

    @Option(names = "--layers", description = "layers of the tower (default: ${DEFAULT-VALUE})")
    private int layers = 27;

    @Option(names = "--size", description = "pixels of a side (default: ${DEFAULT-VALUE})")
    private int size = 896;

    @Option(names = "-r", description = "rounds (default: ${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(names = "--threads", description = "threads of each (default: ${DEFAULT-VALUE})")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--fused",
            description =
                    "gives ONNX Runtime a graph with its own attention operator, not the one that"
                            + " exporters write")
    private boolean fused;

    @Option(names = "--ours-only", description = "leaves ONNX Runtime out")
    private boolean oursOnly;

    private VisionComparison() {}

    /**
     * Runs the comparison.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        System.exit(new CommandLine(new VisionComparison()).execute(arguments));
    }

    /** A tower to be timed. */
    @FunctionalInterface
    private interface Tower {
        float[] encode(float[] pixels) throws OrtException;
    }

    @Override
    public Integer call() throws IOException, OrtException {
        Path folder = Files.createTempDirectory("siglip");
        try (Arena arena = Arena.ofShared();
                TileExecutor executor = new TileExecutor(threads)) {
            VisionWeights weights = RandomTower.of(RandomTower.siglip(layers, size), 2560, arena);
            float[] pixels = new float[3 * size * size];
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (float) random.nextDouble(-1, 1);
            }
            SiglipTower exact = new SiglipTower(context(executor, false, arena), weights);
            SiglipTower narrow = new SiglipTower(context(executor, true, arena), weights);
            if (oursOnly) {
                compare(
                        pixels,
                        List.of("ours, float32", "ours, bf16"),
                        exact::encode,
                        narrow::encode);
                return 0;
            }
            Path onnx = folder.resolve("vision.onnx");
            VisionGraph.write(weights, fused, onnx);
            try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
                options.setIntraOpNumThreads(threads);
                options.setInterOpNumThreads(1);
                try (OrtSession session =
                        OnnxRuntimeDecoder.environment().createSession(onnx.toString(), options)) {
                    compare(
                            pixels,
                            List.of("ours, float32", "ours, bf16", "ONNX Runtime, float32"),
                            exact::encode,
                            narrow::encode,
                            values -> onnxRuntime(session, values));
                }
            }
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        return 0;
    }

    private static KernelContext context(TileExecutor executor, boolean narrow, Arena arena) {
        return new KernelContext(NpuDevice.KRACKAN, executor, SimdProvider.best(), narrow, arena);
    }

    private float[] onnxRuntime(OrtSession session, float[] pixels) throws OrtException {
        try (OnnxTensor input =
                        OnnxTensor.createTensor(
                                OnnxRuntimeDecoder.environment(),
                                FloatBuffer.wrap(pixels),
                                new long[] {1, 3, size, size});
                OrtSession.Result result = session.run(Map.of("pixel_values", input))) {
            FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] tokens = new float[values.remaining()];
            values.get(tokens);
            return tokens;
        }
    }

    private void compare(float[] pixels, List<String> names, Tower... towers) throws OrtException {
        double[][] seconds = new double[towers.length][rounds];
        double[][] cores = new double[towers.length][rounds];
        float[] first = null;
        for (int round = -1; round < rounds; round++) {
            for (int i = 0; i < towers.length; i++) {
                long start = System.nanoTime();
                long startCpu = cpuNanos();
                float[] tokens = towers[i].encode(pixels);
                double elapsed = (System.nanoTime() - start) / 1e9;
                if (round >= 0) {
                    seconds[i][round] = elapsed;
                    cores[i][round] = (cpuNanos() - startCpu) / 1e9;
                } else if (i == 0) {
                    first = tokens;
                } else {
                    System.out.printf(
                            Locale.ROOT,
                            "%-24s differs from ours in float32 by %.1e of the largest value%n",
                            names.get(i),
                            difference(tokens, first));
                }
            }
        }
        for (int i = 0; i < towers.length; i++) {
            double[] ratios = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                ratios[round] = seconds[i][round] / seconds[0][round];
            }
            System.out.printf(
                    Locale.ROOT,
                    "%-24s %s s, %s s of processor time%s%n",
                    names.get(i),
                    spread(seconds[i]),
                    spread(cores[i]),
                    i == 0 ? "" : ", ours in float32 is " + spread(ratios) + " x as fast");
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static double difference(float[] actual, float[] expected) {
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < actual.length; i++) {
            worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return worst / largest;
    }

    private static String spread(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%.2f (%.2f to %.2f)",
                sorted[sorted.length / 2],
                sorted[0],
                sorted[sorted.length - 1]);
    }
}
