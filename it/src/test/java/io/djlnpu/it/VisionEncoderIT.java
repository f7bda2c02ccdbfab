package io.djlnpu.it;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.VisionLayout;
import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.kernel.DenseWeights;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.TileExecutor;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.onnx.testing.VisionGraphs;
import io.djlnpu.q4nx.TiledMatrix;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.siglip.ImageProjector;
import io.djlnpu.siglip.SiglipTower;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.NpuDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tower and projector in float32 beside ONNX Runtime and beside transformers: on the export's own
 * weights, and on the bundle's.
 */
class VisionEncoderIT {

    private static final Logger LOGGER = LoggerFactory.getLogger(VisionEncoderIT.class);
    private static final double TOLERANCE = 1e-3;

    /** On the file as it is ONNX Runtime rounds what nodes exchange to 11 bits. */
    private static final double HALF_TOLERANCE = 1.5e-3;

    /** Computed in float32, but with the constants that a float16 graph has rounded. */
    private static final double ROUNDED_NUMBERS = 2e-4;

    /** Where both compute in float32 on the same numbers, only the order of sums differs. */
    private static final double SAME_NUMBERS = 5e-6;

    private static final String STORYTELLER =
            "storyteller/onnx/split/onnx/vision_encoder_fp16.onnx";
    private static final int IMAGES = 8;

    @TempDir private Path folder;

    static Stream<String> graphs() {
        return Stream.concat(VisionGraphs.all().stream(), Stream.of(STORYTELLER));
    }

    @Test
    void featuresEqualOnnxRuntimesAndTheReferences() throws IOException, OrtException {
        Path reference = Fixtures.require("storyteller/reference/vision.safetensors");
        Path graph = Fixtures.require(STORYTELLER);
        double tower = 0;
        double features = 0;
        double onnxRuntime = 0;
        try (OnnxDecoder onnx = open(STORYTELLER);
                Reference theirs = new Reference(Files.readAllBytes(graph));
                SafetensorsFile expected = SafetensorsFile.open(reference);
                Ours ours = Ours.of(onnx)) {
            for (int i = 0; i < IMAGES; i++) {
                float[] pixels = floats(expected, i + ".pixel_values");
                float[] patches = floats(expected, i + ".vision_tower");
                tower = Math.max(tower, error(ours.tower.encode(pixels), patches));
                float[] found = ours.projector.encode(pixels);
                features =
                        Math.max(features, error(found, floats(expected, i + ".image_features")));
                onnxRuntime = Math.max(onnxRuntime, error(found, theirs.run(pixels)));
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

    /** Every form of a vision graph, with ONNX Runtime's own reading of its weights. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("graphs")
    void featuresAreOnnxRuntimesOnTheGraphsWeights(String graph) throws IOException, OrtException {
        Path file = Fixtures.require(graph);
        try (OnnxDecoder onnx = open(graph);
                Reference same = new Reference(Float32VisionGraph.of(file));
                Reference exact = new Reference(Float32VisionGraph.of(file, numbers(onnx)));
                Ours ours = Ours.of(onnx)) {
            double rounded = distance(ours, same, graph);
            double error = distance(ours, exact, graph);
            LOGGER.info("{}: {}, with unrounded constants {}", graph, rounded, error);
            assertThat(rounded).isLessThan(ROUNDED_NUMBERS);
            assertThat(error).isLessThan(SAME_NUMBERS);
        }
    }

    /** The bundle's distance from the export is its weights' rounding to bf16, and nothing else. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {STORYTELLER, "micro/onnx/split/onnx/vision_encoder_fp16.onnx"})
    void featuresAreOnnxRuntimesOnTheBundlesWeights(String graph) throws IOException, OrtException {
        Path file = Fixtures.require(graph);
        Path target = folder.resolve("bundle");
        Map<ByteBuffer, float[]> narrowed = new HashMap<>();
        try (OnnxDecoder onnx = open(graph)) {
            double[] numbers = numbers(onnx);
            BundleWriter.write(onnx, target, BundleOptions.defaults());
            try (ModelBundle bundle = ModelBundle.open(target)) {
                for (VisionLayout layout : VisionLayout.list(bundle.config())) {
                    put(narrowed, layout, onnx, bundle);
                }
                try (Reference before = new Reference(Float32VisionGraph.of(file, numbers));
                        Reference after =
                                new Reference(Float32VisionGraph.of(file, narrowed, numbers));
                        Ours ours = new Ours(bundle.vision(), DenseWeights::of)) {
                    double moved = distance(ours, before, graph);
                    double error = distance(ours, after, graph);
                    LOGGER.info("{}: bf16 moves features by {}, ours {}", graph, moved, error);
                    assertThat(moved).isBetween(1e-3, 1e-2);
                    assertThat(error).isLessThan(SAME_NUMBERS);
                }
            }
        }
    }

    /** GELU's two, the norm's epsilon, and attention's scale. */
    private static double[] numbers(OnnxDecoder model) {
        VisionSpec config = model.config().vision().orElseThrow();
        double headDim = (double) config.hiddenSize() / config.heads();
        return new double[] {0.044715, Math.sqrt(2 / Math.PI), 1e-6, 1 / Math.sqrt(headDim)};
    }

    private static double distance(Ours ours, Reference theirs, String graph)
            throws IOException, OrtException {
        double worst = 0;
        for (float[] pixels : pixels(graph)) {
            worst = Math.max(worst, error(ours.projector.encode(pixels), theirs.run(pixels)));
        }
        return worst;
    }

    private static void put(
            Map<ByteBuffer, float[]> weights,
            VisionLayout layout,
            OnnxDecoder before,
            ModelBundle after)
            throws IOException {
        float[] from = before.vector(layout.name());
        float[] to;
        if (layout.tiled()) {
            int rows = layout.shape().get(0);
            to = new float[from.length];
            after.visionMatrix(layout.name()).readRows(0, rows, to);
            // graphs have a linear layer's weights, and the projector's, by inputs
            to = SourceWeights.transposed(to, rows, from.length / rows);
            if (!layout.name().equals(VisionLayout.PROJECTOR)) {
                from = SourceWeights.transposed(from, rows, from.length / rows);
            }
        } else {
            to = after.vector(layout.name());
        }
        weights.put(Float32VisionGraph.key(from), to);
    }

    /** The model of a vision graph; the random one's stands beside a decoder of its own. */
    private OnnxDecoder open(String graph) throws IOException {
        Path file = Fixtures.require(graph);
        if (graph.equals(STORYTELLER)) {
            return OnnxDecoder.open(file.resolveSibling("decoder_model_merged_fp16.onnx"));
        }
        Path split = Fixtures.require("micro/onnx/split");
        for (String name : List.of("decoder_model_merged_q4f16", "embed_tokens_q4f16")) {
            for (String end : List.of(".onnx", ".onnx_data")) {
                copy(split.resolve("onnx"), name + end);
            }
        }
        for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
            copy(split, name);
        }
        String name = file.getFileName().toString();
        copy(file.getParent(), name);
        if (Files.exists(file.resolveSibling(name + ".data"))) {
            copy(file.getParent(), name + ".data");
        }
        return OnnxDecoder.open(folder);
    }

    private void copy(Path from, String name) throws IOException {
        Files.copy(from.resolve(name), folder.resolve(name));
    }

    private static List<float[]> pixels(String graph) throws IOException {
        boolean storyteller = graph.equals(STORYTELLER);
        String file =
                storyteller
                        ? "storyteller/reference/vision.safetensors"
                        : "micro/onnx/reference.safetensors";
        try (SafetensorsFile open = SafetensorsFile.open(Fixtures.require(file))) {
            if (!storyteller) {
                return List.of(floats(open, "pixel_values"));
            }
            float[][] images = new float[IMAGES][];
            for (int i = 0; i < IMAGES; i++) {
                images[i] = floats(open, i + ".pixel_values");
            }
            return List.of(images);
        }
    }

    /** Our tower in float32. */
    private static final class Ours implements AutoCloseable {

        private final TileExecutor executor = new TileExecutor(2);
        private final Arena arena = Arena.ofShared();
        private final SiglipTower tower;
        private final ImageProjector projector;

        Ours(VisionWeights weights, Function<TiledMatrix, DenseWeights> matrices) {
            KernelContext context =
                    new KernelContext(
                            NpuDevice.KRACKAN, executor, SimdProvider.best(), false, arena);
            tower = new SiglipTower(context, weights, matrices);
            projector = new ImageProjector(context, tower, weights);
        }

        static Ours of(OnnxDecoder onnx) throws IOException {
            SourceWeights source = new SourceWeights(onnx);
            return new Ours(source.vectors(), source::matrix);
        }

        @Override
        public void close() {
            arena.close();
            executor.close();
        }
    }

    /** A graph in ONNX Runtime. */
    private record Reference(OrtSession session) implements AutoCloseable {

        Reference(byte[] graph) throws OrtException {
            this(OrtEnvironment.getEnvironment().createSession(graph));
        }

        float[] run(float[] pixels) throws OrtException {
            long side = Math.round(Math.sqrt(pixels.length / 3.0));
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

        @Override
        public void close() throws OrtException {
            session.close();
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
