package io.djlnpu.onnx.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.onnx.testing.Dialects;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.q4nx.Encoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that say the same in another way give the same bundle, byte for byte. */
class VariantsTest {

    @TempDir Path folder;

    private interface Variant {
        void write(EditableModel model, Path file) throws IOException;
    }

    static Stream<String> dialects() {
        return Dialects.all().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dialects")
    void namesMeanNothing(String dialect) throws IOException {
        check(dialect, (model, file) -> Files.write(file, model.renamed().bytes()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dialects")
    void theOrderOfNodesMeansNothing(String dialect) throws IOException {
        check(dialect, (model, file) -> Files.write(file, model.reordered(17).bytes()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dialects")
    void constantsMayBeNodes(String dialect) throws IOException {
        check(dialect, (model, file) -> Files.write(file, model.withConstants().bytes()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dialects")
    void dataMayLieInSeveralFiles(String dialect) throws IOException {
        check(dialect, (model, file) -> model.writeSplit(file, 3));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dialects")
    void allAtOnce(String dialect) throws IOException {
        check(
                dialect,
                (model, file) ->
                        Files.write(file, model.renamed().withConstants().reordered(4).bytes()));
    }

    private void check(String dialect, Variant variant) throws IOException {
        List<Path> graphs = Dialects.graphs(dialect);
        Path changed = Files.createDirectory(folder.resolve("changed"));
        Path plain = Files.createDirectory(folder.resolve("plain"));
        for (Path graph : graphs) {
            EditableModel model = EditableModel.read(graph);
            Files.write(plain.resolve(graph.getFileName()), model.bytes());
            variant.write(model, changed.resolve(graph.getFileName()));
        }
        for (Path json : Dialects.configurations(dialect)) {
            Files.copy(json, plain.resolve(json.getFileName()));
            Files.copy(json, changed.resolve(json.getFileName()));
        }
        Path expected = bundle(plain, "expected");
        Path found = bundle(changed, "found");
        for (String name : List.of(ModelBundle.WEIGHTS_FILE, ModelBundle.CONFIG_FILE)) {
            assertThat(Files.mismatch(expected.resolve(name), found.resolve(name)))
                    .as("first byte that differs in " + name)
                    .isEqualTo(-1);
        }
    }

    private Path bundle(Path source, String name) throws IOException {
        try (OnnxDecoder model = OnnxDecoder.open(source)) {
            Path target = folder.resolve(name);
            BundleWriter.write(
                    model, target, BundleOptions.defaults().withEncoding(Encoding.MINMAX));
            return target;
        }
    }
}
