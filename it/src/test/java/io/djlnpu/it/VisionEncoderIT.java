package io.djlnpu.it;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.TileExecutor;
import io.djlnpu.onnx.gemma3.Gemma3OnnxModel;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.siglip.ImageProjector;
import io.djlnpu.siglip.SiglipTower;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.NpuDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The storyteller's tower and projector in float32 on the export's own weights, beside ONNX Runtime
 * on {@code vision_encoder_fp16.onnx} and beside transformers.
 */
class VisionEncoderIT {

    private static final Logger LOGGER = LoggerFactory.getLogger(VisionEncoderIT.class);
    private static final double TOLERANCE = 1e-3;

    /** On this file ONNX Runtime rounds what nodes exchange to 11 bits. */
    private static final double HALF_TOLERANCE = 1.5e-3;

    private static final int IMAGES = 8;

    private final Path folder = Fixtures.require("storyteller/onnx/split/onnx");
    private final Path reference = Fixtures.require("storyteller/reference/vision.safetensors");

    @Test
    void featuresEqualOnnxRuntimesAndTheReferences() throws IOException, OrtException {
        double tower = 0;
        double features = 0;
        double onnxRuntime = 0;
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (Gemma3OnnxModel onnx =
                        Gemma3OnnxModel.open(folder.resolve("decoder_model_merged_fp16.onnx"));
                OrtSession session =
                        environment.createSession(
                                folder.resolve("vision_encoder_fp16.onnx").toString());
                SafetensorsFile expected = SafetensorsFile.open(reference);
                TileExecutor executor = new TileExecutor(2);
                Arena arena = Arena.ofShared()) {
            SourceWeights source = new SourceWeights(onnx);
            VisionWeights weights = source.vectors();
            KernelContext context =
                    new KernelContext(
                            NpuDevice.KRACKAN, executor, SimdProvider.best(), false, arena);
            SiglipTower ours = new SiglipTower(context, weights, source::matrix);
            ImageProjector projector = new ImageProjector(context, ours, weights);
            for (int i = 0; i < IMAGES; i++) {
                float[] pixels = floats(expected, i + ".pixel_values");
                float[] patches = floats(expected, i + ".vision_tower");
                tower = Math.max(tower, error(ours.encode(pixels), patches));
                float[] found = projector.encode(pixels);
                features =
                        Math.max(features, error(found, floats(expected, i + ".image_features")));
                int side = weights.config().imageSize();
                onnxRuntime = Math.max(onnxRuntime, error(found, run(session, pixels, side)));
            }
        }
        LOGGER.info(
                "tower {} and features {} from transformers, features {} from ONNX Runtime",
                tower,
                features,
                onnxRuntime);
        assertThat(tower).isLessThan(TOLERANCE);
        assertThat(features).isLessThan(TOLERANCE);
        assertThat(onnxRuntime).isLessThan(HALF_TOLERANCE);
    }

    private static float[] run(OrtSession session, float[] pixels, int side) throws OrtException {
        try (OnnxTensor input =
                        OnnxTensor.createTensor(
                                OrtEnvironment.getEnvironment(),
                                FloatBuffer.wrap(pixels),
                                new long[] {1, 3, side, side});
                OrtSession.Result result =
                        session.run(Map.of(session.getInputNames().iterator().next(), input))) {
            FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] features = new float[values.remaining()];
            values.get(features);
            return features;
        }
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
