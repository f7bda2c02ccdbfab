package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.MalformedModelException;
import ai.djl.repository.zoo.Criteria;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.translate.NpuTranslatorFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that cannot be used: a typed error that names the culprit, and nothing half-written. */
class BrokenModelIT {

    @TempDir Path folder;

    private Path model;
    private Path graph;
    private Path data;

    @BeforeEach
    void copyTheShippedModel() throws Exception {
        System.setProperty("DJL_CACHE_DIR", folder.resolve("cache").toString());
        model = Files.createDirectory(folder.resolve("model"));
        try (Stream<Path> files = Files.list(ShippedModel.folder())) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName().toString()));
            }
        }
        graph = model.resolve("model.onnx");
        data = model.resolve("model.onnx.data");
    }

    @AfterEach
    void forgetTheCache() {
        System.clearProperty("DJL_CACHE_DIR");
    }

    @Test
    void aDataFileCutShort() throws Exception {
        byte[] whole = Files.readAllBytes(data);
        Files.write(data, Arrays.copyOf(whole, whole.length / 2));
        assertRefused(ModelFormatException.Code.TRUNCATED, "model.onnx.data");
    }

    @Test
    void aMissingDataFile() throws Exception {
        Files.delete(data);
        assertRefused(ModelFormatException.Code.MISSING_FILE, "model.onnx.data");
    }

    @Test
    void aPathThatLeavesTheFolder() throws Exception {
        replaceInGraph("model.onnx.data", "../model.onnx.d");
        assertRefused(ModelFormatException.Code.PATH_ESCAPE, "../model.onnx.d");
    }

    @Test
    void aGraphThatIsNotGemma3() throws Exception {
        // without attention there is no decoder, whatever the names say
        replaceInGraph("GroupQueryAttention", "GroupQueryIntention");
        assertRefused(null, "model.onnx");
    }

    @Test
    void aGraphWithAnotherActivation() throws Exception {
        replaceInGraph("Gelu", "Relu");
        assertRefused(ModelFormatException.Code.UNSUPPORTED_MODEL, "GELU");
    }

    @Test
    void aMissingTokenizer() throws Exception {
        Files.delete(model.resolve("tokenizer.json"));
        assertThatThrownBy(this::load).hasStackTraceContaining("tokenizer.json");
    }

    private void replaceInGraph(String from, String to) throws IOException {
        byte[] bytes = Files.readAllBytes(graph);
        String latin = new String(bytes, StandardCharsets.ISO_8859_1);
        assertThat(from).hasSameSizeAs(to);
        assertThat(latin).contains(from);
        Files.write(graph, latin.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
    }

    private void load() throws Exception {
        Criteria.builder()
                .setTypes(String.class, String.class)
                .optModelPath(model)
                .optEngine("NPU")
                .optTranslatorFactory(new NpuTranslatorFactory())
                .build()
                .loadModel()
                .close();
    }

    private void assertRefused(ModelFormatException.Code code, String named) throws IOException {
        assertThatThrownBy(this::load)
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining(named)
                .cause()
                .isInstanceOfSatisfying(
                        ModelFormatException.class,
                        e -> {
                            if (code != null) {
                                assertThat(e.code()).isEqualTo(code);
                            }
                        });
        Path cache = folder.resolve("cache/npu");
        if (Files.exists(cache)) {
            try (Stream<Path> left = Files.list(cache)) {
                assertThat(left.filter(Files::isDirectory)).isEmpty();
            }
        }
    }
}
