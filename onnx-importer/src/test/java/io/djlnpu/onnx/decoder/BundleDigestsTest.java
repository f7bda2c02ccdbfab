package io.djlnpu.onnx.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.onnx.testing.Dialects;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.q4nx.Encoding;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every export imports to the bytes that it always imported to: {@code bundle-digests.txt} holds a
 * line for each, the digest of its source files and that of the bundle's weights and configuration.
 */
class BundleDigestsTest {

    private static final Map<String, String[]> RECORDED = recorded();

    @TempDir Path folder;

    static Stream<String> sources() {
        return Stream.concat(
                Dialects.all().stream(), Stream.of("micro/onnx/split", "storyteller/onnx/split"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sources")
    void bundlesAreTheSameToTheByte(String source) throws IOException {
        String[] recorded = RECORDED.getOrDefault(source, new String[] {source, "", ""});
        Path target = folder.resolve("bundle");
        String sources;
        try (OnnxDecoder model = OnnxDecoder.open(Fixtures.fixture(source))) {
            sources = digest(model.sourceFiles().stream().distinct().sorted().toList());
            BundleWriter.write(
                    model, target, BundleOptions.defaults().withEncoding(Encoding.MINMAX));
        }
        assumeTrue(
                recorded[1].isEmpty() || recorded[1].equals(sources),
                "skipped: the fixture is another one than the digests are of");
        List<Path> files = new ArrayList<>(List.of(target.resolve(ModelBundle.WEIGHTS_FILE)));
        files.add(target.resolve(ModelBundle.CONFIG_FILE));
        if (Files.exists(target.resolve(ModelBundle.VISION_FILE))) {
            files.add(target.resolve(ModelBundle.VISION_FILE));
        }
        String found = digest(files);
        assertThat(found).as("%s %s %s", source, sources, found).isEqualTo(recorded[2]);
    }

    private static String digest(List<Path> files) throws IOException {
        MessageDigest digest = sha256();
        for (Path file : files) {
            digest.update(Files.readAllBytes(file));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String[]> recorded() {
        try (InputStream in = BundleDigestsTest.class.getResourceAsStream("bundle-digests.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(line -> line.split(" "))
                    .collect(Collectors.toMap(fields -> fields[0], fields -> fields));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
