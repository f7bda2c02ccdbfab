package io.djlnpu.fuzz;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes sound inputs at random and hands them to every reader, for a second each, or for {@code
 * NPU_FUZZ_SECONDS}. What an input that fails looks like is told in Base64. {@code dev/fuzz} lets
 * Jazzer do it, led by coverage.
 */
class FuzzTargetsTest {

    private static final String TOKENIZER =
            """
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[{"id":0,"content":"<bos>",
            "single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
            "normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":
            {"String":" "},"content":"_"}]},"pre_tokenizer":{"type":"Split","pattern":{"Regex":" ?\\\\p{L}+"},
            "behavior":"Isolated","invert":false},"post_processor":null,"decoder":{"type":"Strip","content":" ",
            "start":1,"stop":0},"model":{"type":"BPE","unk_token":null,"vocab":{"a":1},"merges":[]}}
            """;

    private static final Map<String, List<byte[]>> SEEDS =
            Map.of(
                    "safetensors",
                            List.of(
                                    bytes(
                                            "\60\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}1234")),
                    "onnx", List.of(new byte[] {8, 10, 58, 6, 10, 4, 10, 0, 18, 0}),
                    "picture",
                            List.of(
                                    Base64.getDecoder()
                                            .decode(
                                                    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")),
                    "tokenizer", List.of(bytes(TOKENIZER)),
                    "expression",
                            List.of(
                                    bytes(
                                            "(?i:'s|'t)|[^\\r\\n\\p{L}]?\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)")),
                    "request",
                            List.of(
                                    bytes(
                                            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}],\"max_tokens\":3,\"stop\":[\"a\"],\"logit_bias\":{\"1\":2}}"),
                                    bytes(
                                            "{\"inputs\":\"a\",\"parameters\":{\"top_k\":1,\"seed\":3}}")));

    @TempDir Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @TestFactory
    Stream<DynamicTest> everyReaderEndsQuietly() {
        String stated = System.getenv("NPU_FUZZ_SECONDS");
        long seconds = stated == null ? 1 : Long.parseLong(stated);
        return FuzzTargets.all(folder).entrySet().stream()
                .map(
                        target ->
                                DynamicTest.dynamicTest(
                                        target.getKey(),
                                        () ->
                                                fuzz(
                                                        target.getValue(),
                                                        seeds(target.getKey()),
                                                        seconds)));
    }

    /** Beside the ones here, inputs that failed once lie with the sources. */
    private static List<byte[]> seeds(String target) throws IOException {
        List<byte[]> seeds = new ArrayList<>(SEEDS.get(target));
        Path corpus = Path.of("src/test/resources/fuzz").resolve(target);
        if (Files.isDirectory(corpus)) {
            try (Stream<Path> files = Files.list(corpus)) {
                for (Path file : files.sorted().toList()) {
                    seeds.add(Files.readAllBytes(file));
                }
            }
        }
        return seeds;
    }

    private static void fuzz(FuzzTargets.Target target, List<byte[]> seeds, long seconds) {
        Random random = new Random(7);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        seeds.forEach(seed -> run(target, seed));
        do {
            byte[] input = seeds.get(random.nextInt(seeds.size())).clone();
            for (int change = random.nextInt(6); change >= 0; change--) {
                input = changed(input, seeds, random);
            }
            run(target, input);
        } while (System.nanoTime() < end);
    }

    private static void run(FuzzTargets.Target target, byte[] input) {
        try {
            target.read(input);
        } catch (Throwable e) {
            fail("input " + Base64.getEncoder().encodeToString(input), e);
        }
    }

    private static byte[] changed(byte[] input, List<byte[]> seeds, Random random) {
        if (input.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        int at = random.nextInt(input.length);
        int length = Math.min(input.length - at, 1 + random.nextInt(16));
        byte[] result = input.clone();
        switch (random.nextInt(6)) {
            case 0 -> result[at] = (byte) random.nextInt();
            case 1 -> result[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> result = Arrays.copyOf(input, at);
            case 3 -> { // a part twice
                result = Arrays.copyOf(input, input.length + length);
                System.arraycopy(input, at, result, at + length, input.length - at);
            }
            case 4 -> { // a part left out
                System.arraycopy(input, at + length, result, at, input.length - at - length);
                result = Arrays.copyOf(result, input.length - length);
            }
            default -> { // a part of another
                byte[] other = seeds.get(random.nextInt(seeds.size()));
                int from = random.nextInt(other.length);
                int count = Math.min(length, other.length - from);
                System.arraycopy(other, from, result, at, Math.min(count, input.length - at));
            }
        }
        return result;
    }
}
