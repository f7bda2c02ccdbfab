package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.AttentionLayout;
import io.djlnpu.bundle.AttentionSpec;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderSizes;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.DecoderWeights;
import io.djlnpu.bundle.GateActivation;
import io.djlnpu.bundle.LayerStyle;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.bundle.RopeScaling;
import io.djlnpu.bundle.RopeSpec;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.TokenIds;
import io.djlnpu.bundle.Visibility;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.WeightLayout;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.JMException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A session's memory over {@value #TOKENS} decoded tokens. Where every layer has a window that
 * wraps it stays what it was; that of a global layer grows with its context, which shows that
 * growth would be seen.
 */
class MemoryIT {

    private static final int WARM_UP = 3_000;
    private static final int TOKENS = 10_000;
    private static final int WINDOW = 64;
    private static final int KEY_WIDTH = 2 * 256;

    /** Keys and values of all tokens in one global layer, which doubles its room: bf16. */
    private static final long ONE_LAYER = 2L * 2 * KEY_WIDTH * TOKENS;

    @TempDir private Path folder;

    @Test
    void windowsThatWrapTakeNoMore() throws Exception {
        Growth growth = growth(true);
        assertThat(growth.outsideHeap()).isZero();
        assertThat(growth.heap()).isLessThan(5 * TOKENS);
    }

    @Test
    void growthIsSeen() throws Exception {
        assertThat(growth(false).outsideHeap()).isGreaterThan(ONE_LAYER / 2);
    }

    /** Bytes after the tokens less those before. */
    private record Growth(long outsideHeap, long heap) {}

    private Growth growth(boolean windows) throws Exception {
        Path bundle = folder.resolve("bundle");
        BundleWriter.write(new Weights(config(windows)), bundle, BundleOptions.defaults());
        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-modules=jdk.incubator.vector",
                                "-XX:+UseSerialGC",
                                "-Xms32m",
                                "-Xmx32m",
                                "-XX:NativeMemoryTracking=summary",
                                "-cp",
                                System.getProperty("java.class.path"),
                                MemoryIT.class.getName(),
                                bundle.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(printed).isZero();
        String[] numbers = printed.strip().split(" ");
        return new Growth(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
    }

    /**
     * Decodes in a JVM of its own, and prints the growth of memory outside the heap and of the
     * heap.
     *
     * @param arguments the bundle
     * @throws IOException if the bundle cannot be read
     * @throws JMException if the JVM cannot tell
     */
    public static void main(String[] arguments) throws IOException, JMException {
        DecoderOptions options =
                DecoderOptions.defaults().withThreads(2).withWeights(WeightLayout.PACKED);
        try (ModelBundle bundle = ModelBundle.open(Path.of(arguments[0]));
                DecoderModel model = DecoderModel.load(bundle, options);
                DecoderSession session = model.newSession()) {
            session.prefill(new int[] {2});
            decode(session, WARM_UP);
            long outsideHeap = NativeMemory.asked();
            long heap = heap();
            decode(session, TOKENS);
            long heapGrowth = heap() - heap;
            System.out.println(NativeMemory.asked() - outsideHeap + " " + heapGrowth);
        }
    }

    private static void decode(DecoderSession session, int tokens) {
        for (int i = 0; i < tokens; i++) {
            session.decode(i % 64);
        }
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static DecoderSpec config(boolean windows) {
        return new DecoderSpec(
                "gemma3",
                new DecoderSizes(64, 2, 2, 2, KEY_WIDTH / 2, 64, 64, 32768),
                new LayerStyle(
                        NormPlacement.AROUND, true, GateActivation.GELU_TANH, 1e-6f, 256, true),
                new AttentionLayout(
                        new AttentionSpec(RopeSpec.of(1e4), Visibility.window(WINDOW)),
                        new AttentionSpec(
                                new RopeSpec(1e6, RopeScaling.linear(1)), Visibility.CAUSAL),
                        Collections.nCopies(2, windows)),
                new TokenIds(2, 0, List.of(1)),
                Optional.empty(),
                Optional.empty());
    }

    private record Weights(DecoderSpec config) implements DecoderWeights {

        @Override
        public Set<String> names() {
            return TensorLayout.text(config).stream()
                    .map(TensorLayout::name)
                    .collect(Collectors.toSet());
        }

        @Override
        public WeightMatrix matrix(String name) {
            TensorLayout layout = TensorLayout.find(config, name).orElseThrow();
            return new WeightMatrix() {
                @Override
                public int rows() {
                    return layout.rows();
                }

                @Override
                public int columns() {
                    return layout.columns();
                }

                @Override
                public void readRows(int firstRow, int rowCount, float[] destination) {
                    Random random = new Random(name.hashCode() + firstRow);
                    for (int i = 0; i < rowCount * layout.columns(); i++) {
                        destination[i] = 0.1f * (float) random.nextGaussian();
                    }
                }
            };
        }

        @Override
        public float[] vector(String name) {
            float[] ones = new float[TensorLayout.find(config, name).orElseThrow().columns()];
            Arrays.fill(ones, 1);
            return ones;
        }
    }
}
