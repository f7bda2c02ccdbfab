package io.djlnpu.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to a conversion, a bundle is the old one whole, the new one whole, or none. */
class CrashSafetyTest {

    private static final int KILLS = 20;
    private static final int OLD_VOCABULARY = 64;
    private static final int NEW_VOCABULARY = 8192;

    @TempDir Path folder;

    /** A conversion in a process of its own; says when it starts, so that the JVM is not killed. */
    static final class Conversion {

        private Conversion() {}

        public static void main(String[] arguments) throws IOException {
            Path target = Path.of(arguments[0]);
            TinyModel model = new TinyModel(NEW_VOCABULARY);
            System.out.println("go");
            System.out.flush();
            BundleWriter.write(model, target, BundleOptions.defaults().withReplace(true));
        }
    }

    @Test
    void aKilledConversionLeavesOneWholeBundle() throws Exception {
        Path target = folder.resolve("bundle");
        long full = timeOfAConversion(target);
        Random random = new Random();
        int killedBefore = 0;
        for (int i = 0; i < KILLS; i++) {
            boolean old = i % 4 != 0;
            delete(target);
            if (old) {
                BundleWriter.write(new TinyModel(OLD_VOCABULARY), target, BundleOptions.defaults());
            }
            Process process = start(target);
            long wait = random.nextLong(full + full / 4);
            boolean finished = process.waitFor(wait, TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();
            killedBefore += finished ? 0 : 1;
            if (Files.exists(target)) {
                int vocabulary = wholeBundle(target);
                assertThat(vocabulary).isIn(old ? List.of(64, 8192) : List.of(8192));
            } else {
                // only the instant between two renames leaves the old one aside
                assertThat(!old || Files.exists(folder.resolve(".bundle.replaced"))).isTrue();
            }
            BundleWriter.write(
                    new TinyModel(OLD_VOCABULARY),
                    target,
                    BundleOptions.defaults().withReplace(true));
            assertThat(wholeBundle(target)).isEqualTo(OLD_VOCABULARY);
            assertThat(entries(folder)).containsExactly(target);
        }
        assertThat(killedBefore).as("conversions that were really cut off").isPositive();
    }

    @Test
    void aBundleLeftAsideComesBackWithTheNextRun() throws Exception {
        Path target = folder.resolve("bundle");
        BundleWriter.write(new TinyModel(), target, BundleOptions.defaults());
        Files.move(target, folder.resolve(".bundle.replaced"));
        assertThatThrownBy(
                        () -> BundleWriter.write(new TinyModel(), target, BundleOptions.defaults()))
                .hasMessageContaining("exists already");
        assertThat(wholeBundle(target)).isEqualTo(OLD_VOCABULARY);
        assertThat(entries(folder)).containsExactly(target);
    }

    private long timeOfAConversion(Path target) throws Exception {
        Process process = start(target);
        long start = System.nanoTime();
        assertThat(process.waitFor()).isZero();
        return Math.max(1, (System.nanoTime() - start) / 1_000_000);
    }

    private static Process start(Path target) throws IOException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xshare:auto",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Conversion.class.getName(),
                                target.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(process.getInputStream().read()).isEqualTo('g');
        return process;
    }

    /** Checks every checksum and weight, and returns the vocabulary that tells old from new. */
    private static int wholeBundle(Path target) throws IOException {
        assertThat(Verifier.verify(target))
                .filteredOn(problem -> !problem.message().contains("tokenizer"))
                .isEmpty();
        assertThat(target.resolve(Checksums.FILE)).exists();
        try (ModelBundle bundle = ModelBundle.open(target)) {
            return bundle.config().vocabSize();
        }
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.toList();
        }
    }

    private static void delete(Path bundle) throws IOException {
        if (Files.exists(bundle)) {
            for (Path file : entries(bundle)) {
                Files.delete(file);
            }
            Files.delete(bundle);
        }
    }
}
