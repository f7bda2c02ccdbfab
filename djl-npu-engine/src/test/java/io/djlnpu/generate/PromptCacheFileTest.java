package io.djlnpu.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.SafetensorsWriter;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptCacheFileTest {

    private static final int[] LONG = ids(1, 120);
    private static final int[] SHORT = ids(2, 10);

    @TempDir private static Path folder;
    private static TinyModel tiny;

    @TempDir private Path own;
    private Path file;

    @BeforeAll
    static void open() throws IOException {
        tiny = new TinyModel(folder, 1);
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    private static int[] ids(long seed, int count) {
        return new Random(seed).ints(count, 6, TinyModel.VOCAB).toArray();
    }

    private static PromptCache filled() {
        PromptCache cache = new PromptCache(tiny.model, 1L << 30);
        for (int[] prompt : new int[][] {LONG, SHORT}) {
            DecoderSession session = tiny.model.newSession();
            session.prefill(prompt);
            cache.release(session, prompt);
        }
        return cache;
    }

    @BeforeEach
    void save() throws IOException {
        file = own.resolve("prompts.safetensors");
        try (PromptCache cache = filled()) {
            cache.save(file, "model A");
        }
    }

    private static int[] answer(PromptCache cache, int[] prompt) {
        GenerationConfig config =
                GenerationConfig.builder()
                        .maxNewTokens(12)
                        .ignoreEos(true)
                        .temperature(1)
                        .seed(9)
                        .build();
        TextGenerator generator = new TextGenerator(tiny.model, tiny.tokenizer, cache);
        try (Generation generation = generator.start(prompt, config)) {
            generation.forEachRemaining(token -> {});
            return generation.ids();
        }
    }

    @Test
    void answersAreTheSameAfterARestart() throws IOException {
        for (int[] stem : new int[][] {LONG, SHORT, Arrays.copyOf(LONG, 115)}) {
            int[] prompt = Arrays.copyOf(stem, stem.length + 3);
            Arrays.fill(prompt, stem.length, prompt.length, 50);
            try (PromptCache none = new PromptCache(tiny.model, 0);
                    PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
                cache.load(file, "model A");
                assertThat(cache.sessions()).isEqualTo(2);
                DecoderSession session = cache.acquire(prompt);
                assertThat(session.position()).isEqualTo(stem.length);
                cache.release(session, stem);
                assertThat(answer(cache, prompt)).isEqualTo(answer(none, prompt));
            }
        }
    }

    @Test
    void savingWhatWasLoadedGivesTheSameBytes() throws IOException {
        Path again = own.resolve("again.safetensors");
        try (PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
            cache.load(file, "model A");
            cache.save(again, "model A");
        }
        assertThat(again).hasSameBinaryContentAs(file);
        try (Stream<Path> files = Files.list(own)) {
            assertThat(files).containsExactlyInAnyOrder(file, again);
        }
    }

    @Test
    void theBoundHoldsWhileLoading() throws IOException {
        long one;
        try (PromptCache cache = filled()) {
            one = cache.bytes() / 2;
        }
        try (PromptCache cache = new PromptCache(tiny.model, one + one / 2)) {
            cache.load(file, "model A");
            assertThat(cache.sessions()).isEqualTo(1);
            assertThat(cache.bytes()).isLessThanOrEqualTo(one + one / 2);
            DecoderSession session = cache.acquire(Arrays.copyOf(SHORT, 11));
            assertThat(session.position()).as("the most recently used stays").isEqualTo(10);
            session.close();
        }
    }

    @Test
    void anotherModelsPromptsAreRefused() {
        assertRefused(file, "model B", Code.CONFLICT);
    }

    @Test
    void everyDamagedByteIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(3);
        for (int i = 0; i < 60; i++) {
            byte[] damaged = whole.clone();
            int at = i < 20 ? i * 40 % 2000 : random.nextInt(whole.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Path copy = Files.write(own.resolve("damaged"), damaged);
            try (PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
                assertThatThrownBy(() -> cache.load(copy, "model A"))
                        .as("byte " + at)
                        .isInstanceOf(IOException.class);
                assertThat(cache.sessions()).isZero();
            }
        }
        for (int length : new int[] {0, 7, 100, whole.length / 2, whole.length - 1}) {
            Path copy = Files.write(own.resolve("short"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> load(copy, "model A"))
                    .as("length " + length)
                    .isInstanceOf(IOException.class);
        }
    }

    /** Files that are whole and say what cannot be. */
    @Test
    void liesAreNoticed() throws IOException, GeneralSecurityException {
        assertRefused(rewritten("about", "{\"version\":2,\"model\":\"model A\"}"), Code.CONFLICT);
        assertRefused(rewritten("about", "[]"), Code.MALFORMED);
        assertRefused(rewritten("0.longest", "\1\0\0\0\0\0\0\0"), Code.SHAPE_MISMATCH);
        assertRefused(rewritten("0.longest", "\0\0\0\0\0\0\0\u0070"), Code.SHAPE_MISMATCH);
        assertRefused(rewritten("0.tokens", ""), Code.SHAPE_MISMATCH);
        assertRefused(rewritten("0.state", "short"), Code.SHAPE_MISMATCH);
    }

    private void assertRefused(Path path, Code code) {
        assertRefused(path, "model A", code);
    }

    private static void assertRefused(Path path, String key, Code code) {
        assertThatThrownBy(() -> load(path, key))
                .isInstanceOfSatisfying(
                        ModelFormatException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static void load(Path path, String key) throws IOException {
        try (PromptCache cache = new PromptCache(tiny.model, 1L << 30)) {
            cache.load(path, key);
        }
    }

    /** Replaces one tensor and makes the checksum right again. */
    private Path rewritten(String name, String latin1)
            throws IOException, GeneralSecurityException {
        Path target = own.resolve("lie.safetensors");
        var digest = java.security.MessageDigest.getInstance("SHA-256");
        try (SafetensorsFile source = SafetensorsFile.open(file)) {
            List<String> order =
                    source.tensors().values().stream()
                            .sorted((a, b) -> Long.compare(a.offset(), b.offset()))
                            .map(tensor -> tensor.name())
                            .toList();
            List<Declaration> declarations = new ArrayList<>();
            List<byte[]> payloads = new ArrayList<>();
            for (String tensor : order) {
                DataType type = source.tensor(tensor).dataType();
                byte[] payload =
                        tensor.equals(name)
                                ? latin1.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)
                                : source.segment(tensor)
                                        .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
                if (tensor.equals("checksum")) {
                    payload = digest.digest();
                } else {
                    digest.update(payload);
                }
                declarations.add(new Declaration(tensor, type, payload.length / type.bytes()));
                payloads.add(payload);
            }
            try (SafetensorsWriter writer = new SafetensorsWriter(target, declarations)) {
                for (byte[] payload : payloads) {
                    writer.write(ByteBuffer.wrap(payload));
                }
                writer.commit();
            }
        }
        return target;
    }
}
