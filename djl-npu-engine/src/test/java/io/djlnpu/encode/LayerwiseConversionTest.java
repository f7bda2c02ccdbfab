package io.djlnpu.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleReport;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.generate.TinyModel;
import io.djlnpu.generate.Tokenizer;
import io.djlnpu.kernel.ProjectionWeights;
import io.djlnpu.q4nx.Encoding;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A tiny random model, encoded layer by layer. */
class LayerwiseConversionTest {

    private static final int TOKENS = 200;

    @TempDir private Path folder;

    @BeforeEach
    void tokenizer() throws Exception {
        TinyModel.writeTokenizer(folder);
    }

    private BundleOptions options(Encoding encoding, int threads) {
        return new BundleOptions(
                encoding,
                Optional.empty(),
                false,
                Map.of(Tokenizer.FILE, folder.resolve(Tokenizer.FILE)),
                threads,
                (tensor, done, total) -> {});
    }

    private BundleReport convert(String name, BundleOptions options) throws Exception {
        return new LayerwiseConversion(new TinyModel.RandomWeights(), folder.resolve(name), options)
                .write(Optional.empty(), TOKENS);
    }

    private byte[] weights(String name) throws Exception {
        return Files.readAllBytes(folder.resolve(name).resolve(ModelBundle.WEIGHTS_FILE));
    }

    @ParameterizedTest
    @EnumSource(names = {"SEARCH", "BEST"})
    void sameBytesWithAnyNumberOfThreads(Encoding encoding) throws Exception {
        convert("one", options(encoding, 1));
        convert("three", options(encoding, 3));
        assertThat(weights("three")).isEqualTo(weights("one"));
        BundleWriter.write(
                new TinyModel.RandomWeights(),
                folder.resolve("plain"),
                options(Encoding.SEARCH, 1));
        assertThat(weights("plain")).hasSameSizeAs(weights("one")).isNotEqualTo(weights("one"));
        try (var files = Files.list(folder)) {
            assertThat(files.filter(file -> file.toString().contains(".encoding"))).isEmpty();
        }
    }

    @Test
    void goesOnWhereItWasStopped() throws Exception {
        convert("whole", options(Encoding.BEST, 1));
        AtomicInteger left = new AtomicInteger(4);
        BundleOptions stopped =
                options(Encoding.BEST, 1)
                        .withProgress(
                                (tensor, done, total) -> {
                                    if (tensor.equals("encoding") && left.decrementAndGet() == 0) {
                                        throw new IllegalStateException("stopped");
                                    }
                                });
        assertThatThrownBy(() -> convert("late", stopped)).hasStackTraceContaining("stopped");
        assertThat(folder.resolve("late")).doesNotExist();
        Path list = folder.resolve(".late.encoding").resolve("encoded.txt");
        List<String> done = Files.readAllLines(list);
        assertThat(done).hasSizeBetween(2, 20);
        convert("late", options(Encoding.BEST, 1));
        assertThat(weights("late")).isEqualTo(weights("whole"));
        assertThat(folder.resolve(".late.encoding")).doesNotExist();
    }

    @Test
    void reportsErrorsToTheSource() throws Exception {
        BundleReport report = convert("reported", options(Encoding.BEST, 1));
        BundleReport.Tensor matrix =
                report.tensors().stream()
                        .filter(tensor -> tensor.name().endsWith("layers.0.mlp.up_proj.weight"))
                        .findFirst()
                        .orElseThrow();
        assertThat(matrix.carried()).isFalse();
        assertThat(matrix.rmse()).isBetween(0.2 * 0.02, 0.2 * 0.3);
    }

    @Test
    void textsSideBySideDoNotSeeEachOther() throws Exception {
        Path target = folder.resolve("model");
        BundleWriter.write(new TinyModel.RandomWeights(), target, options(Encoding.SEARCH, 1));
        DecoderOptions options =
                DecoderOptions.defaults().withNumerics(Numerics.FLOAT32).withPrefillChunk(64);
        List<int[]> texts = List.of(new int[] {2, 9, 40, 7}, new int[] {2, 33, 8, 99, 12, 60});
        try (ModelBundle bundle = ModelBundle.open(target);
                DecoderModel model = DecoderModel.load(bundle, options)) {
            List<float[]> together = new ArrayList<>();
            try (DecoderSession session = model.newSession()) {
                session.prefillObserved(texts, (m, x, tokens) -> together.add(copy(m, x, tokens)));
            }
            int first = 0;
            for (int[] text : texts) {
                List<float[]> alone = new ArrayList<>();
                try (DecoderSession session = model.newSession()) {
                    session.prefillObserved(text, (m, x, tokens) -> alone.add(copy(m, x, tokens)));
                }
                for (int i = 0; i < alone.size(); i++) {
                    float[] expected = alone.get(i);
                    int columns = expected.length / text.length;
                    for (int j = 0; j < expected.length; j++) {
                        assertThat(together.get(i)[first * columns + j])
                                .isCloseTo(expected[j], within(1e-3f));
                    }
                }
                first += text.length;
            }
        }
    }

    private static float[] copy(
            ProjectionWeights[] matrices, MemorySegment activations, int tokens) {
        return activations
                .asSlice(0, 4L * tokens * matrices[0].columns())
                .toArray(ValueLayout.JAVA_FLOAT);
    }
}
