package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.WeightLayout;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Once C2 has compiled the kernels, a decoded token makes no garbage on any of the model's threads:
 * a vector that C2 boxes would show here.
 */
class AllocationIT {

    private static final int TOKENS = 50;
    private static final int CONTEXT = 200;

    /** C2 may take its time on a busy machine; a round is a second or less. */
    private static final int MOST_ROUNDS = 150;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = WeightLayout.class,
            names = {"MAPPED", "PACKED"})
    void aDecodedTokenAllocatesNothing(WeightLayout weights) throws Exception {
        Path target = folder.resolve("bundle");
        try (OnnxDecoder onnx = OnnxDecoder.open(ShippedModel.folder())) {
            BundleWriter.write(onnx, target, BundleOptions.defaults());
        }
        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-modules=jdk.incubator.vector",
                                "-cp",
                                System.getProperty("java.class.path"),
                                AllocationIT.class.getName(),
                                target.toString(),
                                weights.name())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(printed).isZero();
        assertThat(printed.strip()).as("bytes of %d tokens", TOKENS).isEqualTo("0");
    }

    /**
     * Decodes until a round allocates nothing, and prints the least that one did; in a JVM of its
     * own, whose profiles nothing else has touched.
     *
     * @param arguments bundle and weight layout
     * @throws IOException if the bundle cannot be read
     */
    public static void main(String[] arguments) throws IOException {
        DecoderOptions options =
                DecoderOptions.defaults()
                        .withThreads(2)
                        .withWeights(WeightLayout.valueOf(arguments[1]));
        try (ModelBundle bundle = ModelBundle.open(Path.of(arguments[0]));
                DecoderModel model = DecoderModel.load(bundle, options);
                DecoderSession session = model.newSession()) {
            long[] workers = workers();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < MOST_ROUNDS && least > 0; round++) {
                session.reset();
                session.prefill(new int[CONTEXT]);
                session.decode(1);
                long before = allocated(workers);
                for (int i = 0; i < TOKENS; i++) {
                    session.decode(i);
                }
                least = Math.min(least, allocated(workers) - before);
            }
            System.out.println(workers.length == 0 ? "no workers" : least);
        }
    }

    private static long[] workers() {
        return Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
                .filter(info -> info != null && info.getThreadName().startsWith("npu-tile"))
                .mapToLong(ThreadInfo::getThreadId)
                .toArray();
    }

    /** Bytes that this thread and others have allocated so far; asking allocates nothing. */
    private static long allocated(long[] others) {
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        for (long id : others) {
            bytes += THREADS.getThreadAllocatedBytes(id);
        }
        return bytes;
    }
}
