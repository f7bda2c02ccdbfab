package io.djlnpu.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.q4nx.Encoding;
import io.djlnpu.testing.Fixtures;
import io.djlnpu.testing.LlamaQuantizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole bundles against the converter's, from the same weights. */
class BundleGoldenTest {

    @TempDir Path folder;

    @Test
    void carriesQ4_1OverToTheByte() throws Exception {
        assertThat(writtenFrom(15, true)).hasSameBinaryContentAs(golden("micro-q4_1"));
    }

    @Test
    void requantisesQ5_1ToTheByte() throws Exception {
        assertThat(writtenFrom(31, false)).hasSameBinaryContentAs(golden("micro-q5_1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "micro-f32-requant",
                "micro-q4_0",
                "micro-q4_1",
                "micro-q4_1-default",
                "micro-q5_1",
                "storyteller-f32-requant"
            })
    void aBundleWrittenAgainIsTheSame(String golden) throws Exception {
        Path source = bundle(golden);
        Path again = folder.resolve("again");
        try (ModelBundle bundle = ModelBundle.open(source)) {
            BundleWriter.write(new BundleWeights(bundle), again, BundleOptions.defaults());
        }
        for (String file : Set.of(ModelBundle.WEIGHTS_FILE, ModelBundle.VISION_FILE)) {
            assertThat(again.resolve(file)).hasSameBinaryContentAs(source.resolve(file));
        }
    }

    private Path bundle(String golden) throws IOException {
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.copy(golden(golden), source.resolve(ModelBundle.WEIGHTS_FILE));
        boolean micro = golden.startsWith("micro");
        Files.copy(
                golden(micro ? "micro-vision-bf16" : "storyteller-vision-bf16"),
                source.resolve(ModelBundle.VISION_FILE));
        Files.copy(
                Fixtures.require((micro ? "micro/checkpoint" : "storyteller/mm") + "/config.json"),
                source.resolve(ModelBundle.CONFIG_FILE));
        return source;
    }

    private static Path golden(String name) {
        return Fixtures.golden(name + "/model.q4nx");
    }

    private Path writtenFrom(int maxCode, boolean carried) throws IOException {
        Path checkpoint = Fixtures.require("micro/checkpoint");
        try (SafetensorsCheckpoint weights = SafetensorsCheckpoint.open(checkpoint)) {
            BundleReport report =
                    BundleWriter.write(
                            new Quantized(weights, maxCode, carried),
                            folder.resolve("bundle"),
                            BundleOptions.defaults().withEncoding(Encoding.MINMAX));
            assertThat(report.tensors())
                    .filteredOn(t -> t.name().contains("_proj.weight"))
                    .filteredOn(t -> t.name().startsWith("model."))
                    .hasSize(7 * 7)
                    .allMatch(t -> t.carried() == carried);
        }
        return folder.resolve("bundle").resolve(ModelBundle.WEIGHTS_FILE);
    }

    /** The checkpoint as llama.cpp would have quantised it; all widths are multiples of 32. */
    private record Quantized(SafetensorsCheckpoint source, int maxCode, boolean carried)
            implements DecoderWeights {

        @Override
        public DecoderSpec config() {
            return source.config().withoutVision();
        }

        @Override
        public Set<String> names() {
            return source.names();
        }

        @Override
        public float[] vector(String name) throws IOException {
            return source.vector(name);
        }

        @Override
        public WeightMatrix matrix(String name) throws IOException {
            WeightMatrix floats = source.matrix(name);
            return new WeightMatrix() {
                @Override
                public int rows() {
                    return floats.rows();
                }

                @Override
                public int columns() {
                    return floats.columns();
                }

                @Override
                public void readRows(int firstRow, int rowCount, float[] destination)
                        throws IOException {
                    byte[] codes = new byte[rowCount * columns()];
                    float[] scales = new float[codes.length / 32];
                    float[] mins = new float[codes.length / 32];
                    quantize(firstRow, rowCount, codes, scales, mins);
                    for (int i = 0; i < codes.length; i++) {
                        destination[i] = scales[i / 32] * codes[i] + mins[i / 32];
                    }
                }

                @Override
                public Optional<Affine> affine() {
                    return carried ? Optional.of(this::quantize) : Optional.empty();
                }

                private void quantize(
                        int firstRow, int rowCount, byte[] codes, float[] scales, float[] mins)
                        throws IOException {
                    float[] weights = new float[rowCount * columns()];
                    floats.readRows(firstRow, rowCount, weights);
                    LlamaQuantizer quantizer = new LlamaQuantizer(maxCode);
                    for (int g = 0; g < weights.length / 32; g++) {
                        quantizer.quantize(weights, 32 * g);
                        System.arraycopy(quantizer.codes, 0, codes, 32 * g, 32);
                        scales[g] = quantizer.scale;
                        mins[g] = quantizer.min;
                    }
                }
            };
        }
    }
}
