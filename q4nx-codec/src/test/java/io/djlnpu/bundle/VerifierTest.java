package io.djlnpu.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.Verifier.Problem;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.testing.ConverterFaults;
import io.djlnpu.testing.Fixtures;
import io.djlnpu.testing.TinyModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifierTest {

    @TempDir Path folder;

    @Test
    void aSoundBundleHasNoProblems() throws Exception {
        assertThat(Verifier.verify(sound())).isEmpty();
    }

    @Test
    void aMissingTokenizerIsAProblem() throws Exception {
        Path bundle = folder.resolve("bundle");
        BundleWriter.write(new TinyModel(), bundle, BundleOptions.defaults());
        assertThat(Verifier.verify(bundle))
                .extracting(Problem::code)
                .containsExactly(Code.MISSING_FILE, Code.MISSING_FILE);
    }

    @Test
    void aChangedTokenizerIsAProblem() throws Exception {
        Path bundle = sound();
        Files.writeString(bundle.resolve("tokenizer.json"), "{ }");
        assertThat(Verifier.verify(bundle))
                .extracting(Problem::code)
                .containsExactly(Code.CHECKSUM);
    }

    @Test
    void saysWhichMatricesAnOldConverterSpoiled() throws Exception {
        String up = "model.layers.0.mlp.up_proj.weight";
        String key = "model.layers.1.self_attn.k_proj.weight";
        Path bundle = ConverterFaults.bundle(folder.resolve("faulty"));
        assertThat(Verifier.verify(bundle)).as("before").isEmpty();
        ConverterFaults.lostHalves(bundle, TensorLayout.HEAD);
        ConverterFaults.signedCodes(bundle, up);
        ConverterFaults.overflow(bundle, key);
        assertThat(Verifier.verify(bundle))
                .hasSize(3)
                .anySatisfy(p -> assertProblem(p, Code.CONFLICT, TensorLayout.HEAD, "Q8_0"))
                .anySatisfy(p -> assertProblem(p, Code.CONFLICT, up, "Q4_0"))
                .anySatisfy(
                        p -> assertProblem(p, Code.NOT_FINITE, key, "the converter overflowed"));
    }

    @Test
    void saysWhenABundleIsOfTheOldForm() throws Exception {
        Path bundle = ConverterFaults.bundle(folder.resolve("old"));
        ConverterFaults.oldDataType(bundle);
        assertThat(Verifier.verify(bundle))
                .singleElement()
                .satisfies(p -> assertProblem(p, Code.UNSUPPORTED_ENCODING, "Q4NX", "2026-08"));
    }

    private static void assertProblem(Problem problem, Code code, String what, String why) {
        assertThat(problem.code()).isEqualTo(code);
        assertThat(problem.message()).contains("'" + what + "'").contains(why);
    }

    @Test
    void recognisesTheConvertersLostQ8() throws Exception {
        assertThat(problemsOf("micro-q4_1-default"))
                .singleElement()
                .satisfies(
                        p ->
                                assertThat(p.message())
                                        .contains("'lm_head.weight'")
                                        .contains("lost its upper halves"));
    }

    @Test
    void recognisesTheConvertersSignedCodes() throws Exception {
        assertThat(problemsOf("micro-q4_0"))
                .hasSize(7 * 7 + 1)
                .allSatisfy(p -> assertThat(p.message()).contains("signed codes"));
    }

    @Test
    void hasNothingAgainstTheConvertersSoundBundles() throws Exception {
        for (String golden : List.of("micro-f32-requant", "micro-q4_1", "micro-q5_1")) {
            assertThat(problemsOf(golden)).as(golden).isEmpty();
        }
    }

    @Test
    void comparisonAgreesWithTheWritersReport() throws Exception {
        Path bundle = folder.resolve("bundle");
        TinyModel model = new TinyModel();
        BundleReport report =
                BundleWriter.write(
                        model, bundle, BundleOptions.defaults().withEncoding(Encoding.MINMAX));
        try (ModelBundle open = ModelBundle.open(bundle)) {
            for (BundleComparison.TensorError error : BundleComparison.compare(open, model)) {
                BundleReport.Tensor written =
                        report.tensors().stream()
                                .filter(t -> t.name().equals(error.name()))
                                .findFirst()
                                .orElseThrow();
                // the table is written times sqrt(hidden), and compared without
                double factor = error.name().equals(TensorLayout.EMBEDDING) ? Math.sqrt(32) : 1;
                assertThat(error.rmse() * factor)
                        .as(error.name())
                        .isCloseTo(written.rmse(), within(written.rmse()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {31, 32 * 256})
    void onlyPaddingOfATileHasToBeZero(int value) throws Exception {
        Path bundle = sound();
        Path file = bundle.resolve(ModelBundle.VISION_FILE);
        String name = VisionLayout.TOWER + "encoder.layers.0.self_attn.q_proj.weight";
        long start;
        try (SafetensorsFile container = SafetensorsFile.open(file)) {
            start = container.tensor(name).offset();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {0, 0x3f}), start + 2L * value);
        }
        Files.delete(bundle.resolve(Checksums.FILE));
        // the matrix is 32 x 32: value 31 ends its first row, row 32 is padding
        boolean padding = value >= 32;
        assertThat(Verifier.verify(bundle))
                .extracting(Problem::code)
                .isEqualTo(padding ? List.of(Code.MALFORMED) : List.of());
    }

    private static org.assertj.core.data.Offset<Double> within(double rmse) {
        return org.assertj.core.data.Offset.offset(1e-4 * rmse + 1e-12);
    }

    private Path sound() throws IOException {
        Path tokenizer = Files.writeString(folder.resolve("t"), "{}");
        Path bundle = folder.resolve("bundle");
        BundleWriter.write(
                new TinyModel(),
                bundle,
                BundleOptions.defaults()
                        .withCompanions(
                                Map.of(
                                        "tokenizer.json",
                                        tokenizer,
                                        "tokenizer_config.json",
                                        tokenizer)));
        return bundle;
    }

    private List<Problem> problemsOf(String golden) throws IOException {
        Path bundle = Files.createDirectory(folder.resolve(golden));
        Files.copy(
                Fixtures.golden(golden + "/model.q4nx"), bundle.resolve(ModelBundle.WEIGHTS_FILE));
        Files.copy(
                Fixtures.golden("micro-vision-bf16/model.q4nx"),
                bundle.resolve(ModelBundle.VISION_FILE));
        for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(Fixtures.require("micro/checkpoint/" + file), bundle.resolve(file));
        }
        return Verifier.verify(bundle);
    }
}
