package io.djlnpu.samples.peer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.TileExecutor;
import io.djlnpu.siglip.SiglipTower;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.NpuDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is timed beside each other computes the same. */
class VisionGraphTest {

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void onnxRuntimeComputesOurTower(boolean fused) throws IOException, OrtException {
        VisionSpec config = new VisionSpec(144, 2, 2, 100, 112, 14, 1e-6f, 16, 8, 6, 7);
        float[] pixels = new float[3 * 112 * 112];
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextDouble(-1, 1);
        }
        try (Arena arena = Arena.ofShared();
                TileExecutor executor = new TileExecutor(1)) {
            VisionWeights weights = RandomTower.of(config, 96, arena);
            KernelContext context =
                    new KernelContext(
                            NpuDevice.KRACKAN, executor, SimdProvider.best(), false, arena);
            float[] ours = new SiglipTower(context, weights).encode(pixels);
            Path onnx = folder.resolve("vision.onnx");
            VisionGraph.write(weights, fused, onnx);
            OrtEnvironment environment = OnnxRuntimeDecoder.environment();
            try (OrtSession session = environment.createSession(onnx.toString());
                    OnnxTensor input =
                            OnnxTensor.createTensor(
                                    environment,
                                    FloatBuffer.wrap(pixels),
                                    new long[] {1, 3, 112, 112});
                    OrtSession.Result result = session.run(Map.of("pixel_values", input))) {
                FloatBuffer theirs = ((OnnxTensor) result.get(0)).getFloatBuffer();
                assertThat(ours).hasSize(theirs.remaining());
                float worst = 0;
                for (float value : ours) {
                    worst = Math.max(worst, Math.abs(value - theirs.get()));
                }
                assertThat(worst).isLessThan(1e-4f);
            }
        }
    }
}
