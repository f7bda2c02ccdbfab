package io.djlnpu.siglip;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.TileExecutor;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.testing.Fixtures;
import io.djlnpu.tile.NpuDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The storyteller's tower on the reference's own pixels, beside transformers in float32. */
class StorytellerTowerTest {

    private static final Logger LOGGER = LoggerFactory.getLogger(StorytellerTowerTest.class);
    private static final int IMAGES = 8;

    private final Path source =
            Fixtures.fixture("storyteller/onnx/split/onnx/decoder_model_merged_fp16.onnx");

    @TempDir private Path cache;

    /** Weights of 8 bits, as the bundle has them: the difference is theirs. */
    @Test
    void isNearTheReferenceOnTheBundlesWeights() throws IOException {
        try (ModelBundle bundle = new BundleCache(cache).open(source, (name, done, total) -> {})) {
            for (boolean narrow : new boolean[] {false, true}) {
                double[] errors = errors(bundle.vision(), narrow);
                LOGGER.info(
                        "the bundle's weights, {}: tower {}, features {}",
                        narrow ? "bf16" : "float32",
                        errors[0],
                        errors[1]);
                assertThat(Math.max(errors[0], errors[1])).isLessThan(narrow ? 5e-2 : 1e-2);
            }
        }
    }

    /** The worst of all images, of the tower and of the features. */
    private static double[] errors(VisionWeights weights, boolean narrow) throws IOException {
        double[] worst = new double[2];
        Path reference = Fixtures.fixture("storyteller/reference/vision.safetensors");
        try (SafetensorsFile expected = SafetensorsFile.open(reference);
                TileExecutor executor = new TileExecutor(2);
                Arena arena = Arena.ofShared()) {
            KernelContext context =
                    new KernelContext(
                            NpuDevice.KRACKAN, executor, SimdProvider.best(), narrow, arena);
            SiglipTower tower = new SiglipTower(context, weights);
            ImageProjector projector = new ImageProjector(context, tower, weights);
            for (int i = 0; i < IMAGES; i++) {
                float[] pixels = floats(expected, i + ".pixel_values");
                float[] patches = floats(expected, i + ".vision_tower");
                float[] features = floats(expected, i + ".image_features");
                worst[0] = Math.max(worst[0], error(tower.encode(pixels), patches));
                worst[1] = Math.max(worst[1], error(projector.encode(pixels), features));
            }
        }
        return worst;
    }

    private static float[] floats(SafetensorsFile file, String name) throws IOException {
        MemorySegment segment = file.segment(name);
        float[] values = new float[(int) (segment.byteSize() / 4)];
        for (int i = 0; i < values.length; i++) {
            values[i] = segment.get(JAVA_FLOAT.withByteAlignment(1), 4L * i);
        }
        return values;
    }

    /** The largest difference, as a part of the largest value. */
    private static double error(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < actual.length; i++) {
            worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return worst / largest;
    }
}
