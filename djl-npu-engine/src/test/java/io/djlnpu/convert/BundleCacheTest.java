package io.djlnpu.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleCacheTest {

    @TempDir Path temporary;

    @Test
    void convertsOnceHoweverManyAsk() throws Exception {
        Path model = copy(Fixtures.fixture("micro/onnx/genai-int4"));
        BundleCache cache = new BundleCache(temporary.resolve("cache"));
        AtomicInteger conversions = new AtomicInteger();
        Callable<Path> open =
                () -> {
                    try (ModelBundle bundle =
                            cache.open(
                                    model,
                                    (tensor, done, total) -> {
                                        if (done == total) {
                                            conversions.incrementAndGet();
                                        }
                                    })) {
                        return bundle.folder();
                    }
                };
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            List<Future<Path>> folders =
                    pool.invokeAll(IntStream.range(0, 4).mapToObj(i -> open).toList());
            for (Future<Path> folder : folders) {
                assertThat(folder.get()).isEqualTo(folders.get(0).get());
            }
        }
        assertThat(conversions).hasValue(1);
    }

    @Test
    void aBundleIsTakenAsItIsAndAChangedModelIsAnotherOne() throws IOException {
        Path model = copy(Fixtures.fixture("micro/onnx/genai-int4"));
        BundleCache cache = new BundleCache(temporary.resolve("cache"));
        Path first = folder(cache, model);
        assertThat(folder(cache, first)).isEqualTo(first);
        assertThat(first.resolve("tokenizer.json")).exists();
        Files.writeString(model.resolve("tokenizer_config.json"), "{}");
        assertThat(folder(cache, model)).isNotEqualTo(first);
    }

    @Test
    void aDamagedBundleInTheCacheIsMadeAnew() throws IOException {
        Path model = copy(Fixtures.fixture("micro/onnx/genai-int4"));
        BundleCache cache = new BundleCache(temporary.resolve("cache"));
        Path weights = folder(cache, model).resolve(ModelBundle.WEIGHTS_FILE);
        byte[] whole = Files.readAllBytes(weights);
        Files.write(weights, new byte[] {1, 2, 3});
        folder(cache, model);
        assertThat(weights).hasBinaryContent(whole);
        Files.delete(weights);
        folder(cache, model);
        assertThat(weights).hasBinaryContent(whole);
    }

    @Test
    void aKeptBundleIsTrustedOnlyAsItWasWritten() throws IOException {
        Path model = copy(Fixtures.fixture("micro/onnx/genai-int4"));
        BundleCache cache = new BundleCache(temporary.resolve("cache"));
        Path bundle = folder(cache, model);
        for (String name :
                List.of(
                        ModelBundle.WEIGHTS_FILE,
                        "config.json",
                        "tokenizer.json",
                        "checksums.json")) {
            Path file = bundle.resolve(name);
            byte[] whole = Files.readAllBytes(file);
            FileTime written = Files.getLastModifiedTime(file);
            byte[] flipped = whole.clone();
            flipped[whole.length * 2 / 3] ^= 4;
            Files.write(file, flipped);
            Files.setLastModifiedTime(file, written);
            folder(cache, model);
            assertThat(file).as(name).hasBinaryContent(whole);
        }
        Path added = Files.writeString(bundle.resolve("more.jinja"), "{{ 'mine' }}");
        folder(cache, model);
        assertThat(added).doesNotExist();
    }

    @Test
    void aBundleThatWasOnlyCopiedIsHashedAndKept() throws IOException {
        Path model = copy(Fixtures.fixture("micro/onnx/genai-int4"));
        BundleCache cache = new BundleCache(temporary.resolve("cache"));
        Path bundle = folder(cache, model);
        Path stamp = bundle.resolveSibling(bundle.getFileName() + ".stamp");
        String first = Files.readString(stamp);
        Path weights = bundle.resolve(ModelBundle.WEIGHTS_FILE);
        byte[] whole = Files.readAllBytes(weights);
        Files.delete(weights);
        Files.write(weights, whole);
        FileTime written = Files.getLastModifiedTime(weights);
        folder(cache, model);
        assertThat(Files.getLastModifiedTime(weights)).as("not made anew").isEqualTo(written);
        assertThat(Files.readString(stamp)).isNotEqualTo(first);
    }

    @Test
    void aSourceThatIsCutWhileItIsConverted() throws IOException {
        Path model = copy(Fixtures.fixture("micro/onnx/genai-int4"));
        Path target = temporary.resolve("target");
        try (OnnxDecoder source = OnnxDecoder.open(model)) {
            for (Path file : source.sourceFiles()) {
                if (file.toString().contains(".onnx")) {
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        channel.truncate(channel.size() / 4);
                    }
                }
            }
            assertThatThrownBy(() -> BundleWriter.write(source, target, BundleOptions.defaults()))
                    .isInstanceOfSatisfying(
                            ModelFormatException.class,
                            e ->
                                    assertThat(e.code())
                                            .isEqualTo(ModelFormatException.Code.TRUNCATED));
        }
        assertThat(target).doesNotExist();
    }

    /** As a folder of root's, or a read-only image of a container, does. */
    @Test
    void aBundleIsFoundWhereNothingCanBeWritten() throws IOException {
        Path model = copy(Fixtures.fixture("micro/onnx/genai-int4"));
        BundleCache cache = new BundleCache(temporary.resolve("cache"));
        Path bundle = folder(cache, model);
        Path lock = bundle.resolveSibling(bundle.getFileName() + ".lock");
        Files.delete(lock);
        Files.createDirectory(lock); // cannot be opened for writing
        assertThat(folder(cache, model)).isEqualTo(bundle);
    }

    @Test
    void aConversionInAnotherClassLoaderIsWaitedFor() throws Exception {
        Path model = copy(Fixtures.fixture("micro/onnx/genai-int4"));
        BundleCache cache = new BundleCache(temporary.resolve("cache"));
        Path bundle = folder(cache, model);
        try (Stream<Path> files = Files.list(bundle)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(bundle);
        Path lock = bundle.resolveSibling(bundle.getFileName() + ".lock");
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<Path> waiting;
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
                channel.lock();
                waiting = other.submit(() -> folder(cache, model));
                Thread.sleep(300);
                assertThat(waiting.isDone()).isFalse();
            }
            assertThat(waiting.get()).isEqualTo(bundle);
        }
    }

    @Test
    void theTemplateOfAConversationComesAlong() throws IOException {
        Path model = copy(Fixtures.fixture("micro/onnx/genai-int4"));
        Files.writeString(model.resolve("chat_template.json"), "{\"chat_template\": \"A\"}");
        BundleCache cache = new BundleCache(temporary.resolve("cache"));
        assertThat(folder(cache, model).resolve("chat_template.json")).exists();
    }

    @Test
    void aFailedConversionLeavesNothing() throws IOException {
        Path model = copy(Fixtures.fixture("micro/onnx/genai-int4"));
        Path data = model.resolve("model.onnx.data");
        byte[] whole = Files.readAllBytes(data);
        Files.write(data, java.util.Arrays.copyOf(whole, whole.length / 2));
        Path root = temporary.resolve("cache");
        assertThatThrownBy(() -> folder(new BundleCache(root), model))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("model.onnx.data");
        if (Files.exists(root)) {
            try (Stream<Path> left = Files.list(root)) {
                assertThat(left.filter(Files::isDirectory)).isEmpty();
            }
        }
    }

    @Test
    void saysWhatIsNoModel() throws IOException {
        BundleCache cache = new BundleCache(temporary.resolve("cache"));
        assertThatThrownBy(() -> folder(cache, temporary.resolve("nowhere")))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("no such file or folder");
        Path text = Files.writeString(temporary.resolve("model.pt"), "x");
        assertThatThrownBy(() -> folder(cache, text))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("exported to ONNX");
    }

    private static Path folder(BundleCache cache, Path model) throws IOException {
        try (ModelBundle bundle = cache.open(model, (tensor, done, total) -> {})) {
            return bundle.folder();
        }
    }

    private Path copy(Path folder) throws IOException {
        Path target = Files.createDirectory(temporary.resolve("model"));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        return target;
    }
}
