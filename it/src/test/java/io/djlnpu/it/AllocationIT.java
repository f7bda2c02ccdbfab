package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.gemma3.Gemma3Model;
import io.djlnpu.gemma3.Gemma3Options;
import io.djlnpu.gemma3.Gemma3Session;
import io.djlnpu.gemma3.WeightLayout;
import io.djlnpu.onnx.gemma3.Gemma3OnnxModel;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
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
        try (Gemma3OnnxModel onnx = Gemma3OnnxModel.open(ShippedModel.folder())) {
            BundleWriter.write(onnx, target, BundleOptions.defaults());
        }
        try (ModelBundle bundle = ModelBundle.open(target);
                Gemma3Model model =
                        Gemma3Model.load(
                                bundle,
                                Gemma3Options.defaults().withThreads(2).withWeights(weights));
                Gemma3Session session = model.newSession()) {
            long[] workers = workers();
            assertThat(workers).isNotEmpty();
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
            assertThat(least).as("bytes of %d tokens", TOKENS).isZero();
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
