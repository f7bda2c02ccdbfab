package io.djlnpu.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.Importance;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.Verifier;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.q4nx.Q4nxDecoder;
import io.djlnpu.q4nx.Q4nxTensor;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.TensorInfo;
import io.djlnpu.testing.Fixtures;
import io.djlnpu.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/**
 * Sound files with mutations: what opens must be usable to its last byte, everything else must be
 * refused by the one typed exception.
 *
 * <p>Runs for 3 seconds, for 30 where {@code CI} is set in the environment, or for as many as
 * {@code FUZZ_SECONDS} says.
 */
class FuzzTest {

    private static final int SECONDS =
            Integer.parseInt(
                    System.getenv()
                            .getOrDefault(
                                    "FUZZ_SECONDS", System.getenv("CI") == null ? "3" : "30"));

    private Path folder;

    /**
     * A change to some bytes.
     *
     * @param place where, as a part of the file; squared, so that headers are hit more
     * @param remove bytes taken out
     * @param insert bytes put in
     */
    record Mutation(double place, int remove, byte[] insert) {

        byte[] apply(byte[] bytes) {
            int at = (int) (place * place * place * bytes.length);
            int end = Math.min(bytes.length, at + remove);
            byte[] mutated = new byte[bytes.length - (end - at) + insert.length];
            System.arraycopy(bytes, 0, mutated, 0, at);
            System.arraycopy(insert, 0, mutated, at, insert.length);
            System.arraycopy(bytes, end, mutated, at + insert.length, bytes.length - end);
            return mutated;
        }
    }

    @BeforeProperty
    void createFolder() throws IOException {
        folder = Files.createTempDirectory("fuzz");
    }

    @AfterProperty
    void deleteFolder() throws IOException {
        try (var walk = Files.walk(folder)) {
            walk.sorted(java.util.Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        }
    }

    @Provide
    Arbitrary<List<Mutation>> mutations() {
        Arbitrary<byte[]> noise = Arbitraries.bytes().array(byte[].class).ofMaxSize(9);
        Arbitrary<byte[]> tokens =
                Arbitraries.of(
                                "{",
                                "}",
                                "[",
                                "]",
                                "\"",
                                ",",
                                ":",
                                "0",
                                "-1",
                                "9".repeat(19),
                                "1e9",
                                "null",
                                "\"I8\"",
                                "\"shape\"",
                                "\u0000",
                                "[[[[",
                                "99999999999999999999")
                        .map(String::getBytes);
        Arbitrary<Mutation> one =
                Combinators.combine(
                                Arbitraries.doubles().between(0, 1),
                                Arbitraries.oneOf(
                                        Arbitraries.integers().between(0, 9),
                                        Arbitraries.integers().between(0, 100_000)),
                                Arbitraries.oneOf(noise, tokens))
                        .as(Mutation::new);
        return one.list().ofMinSize(1).ofMaxSize(4);
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void mutatedGoldensAreReadOrRefused(@ForAll("mutations") List<Mutation> mutations)
            throws IOException {
        readContainer(mutate(golden(), mutations));
    }

    @Example
    void mutatedFilesAreReadOrRefusedForSomeSeconds() throws IOException {
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        byte[] golden = golden();
        byte[] importance = importance();
        Path bundle = folder.resolve("bundle");
        BundleWriter.write(new TinyModel(), bundle, BundleOptions.defaults());
        var random = mutations().generator(1000);
        var source = new java.util.Random(System.nanoTime());
        for (int i = 0; System.nanoTime() < end; i++) {
            List<Mutation> mutations = random.next(source).value();
            try {
                if (i % 8 == 0) {
                    readImportance(mutate(importance, mutations));
                } else if (i % 2 == 0) {
                    readContainer(mutate(golden, mutations));
                } else {
                    readBundle(bundle, mutations, i % 4 == 1);
                }
            } catch (RuntimeException | Error e) {
                throw new AssertionError("mutations " + mutations, e);
            }
        }
    }

    private static byte[] golden() throws IOException {
        return Files.readAllBytes(Fixtures.golden("edge-q4_1/model.q4nx"));
    }

    private byte[] importance() throws IOException {
        Importance sound = new Importance();
        for (TensorLayout layout : TensorLayout.text(new TinyModel().config())) {
            if (layout.quantized()) {
                sound.put(layout.name(), new float[layout.columns()]);
            }
        }
        Path file = folder.resolve("importance.safetensors");
        sound.write(file);
        return Files.readAllBytes(file);
    }

    private void readImportance(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("mutated.safetensors"), bytes);
        try {
            assertThat(Importance.read(file, new TinyModel().config())).isNotNull();
        } catch (ModelFormatException e) {
            assertThat(e.code()).isNotNull();
        }
    }

    private static byte[] mutate(byte[] bytes, List<Mutation> mutations) {
        for (Mutation mutation : mutations) {
            bytes = mutation.apply(bytes);
        }
        return bytes;
    }

    private void readContainer(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("mutated.q4nx"), bytes);
        try (SafetensorsFile container = SafetensorsFile.open(file)) {
            long covered = 0;
            for (TensorInfo info : container.tensors().values()) {
                covered += container.segment(info.name()).byteSize();
                if (info.byteLength() > 0 && info.byteLength() % 5120 == 0) {
                    int rows = (int) (info.byteLength() / 5120 * 32);
                    float[] row = new float[256];
                    Q4nxTensor tensor =
                            new Q4nxTensor(info.name(), rows, 256, container.segment(info.name()));
                    Q4nxDecoder.decodeRows(tensor, rows - 1, 1, row);
                }
            }
            assertThat(covered).isLessThan(bytes.length);
        } catch (ModelFormatException e) {
            assertThat(e.code()).isNotNull();
        }
    }

    private void readBundle(Path bundle, List<Mutation> mutations, boolean weights)
            throws IOException {
        Path file = bundle.resolve(weights ? ModelBundle.WEIGHTS_FILE : ModelBundle.CONFIG_FILE);
        byte[] sound = Files.readAllBytes(file);
        try {
            Files.write(file, mutate(sound, mutations));
            assertThat(Verifier.verify(bundle)).isNotNull();
        } finally {
            Files.write(file, sound);
        }
    }
}
