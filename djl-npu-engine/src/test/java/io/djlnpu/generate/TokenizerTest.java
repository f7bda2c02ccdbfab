package io.djlnpu.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {

    @TempDir private Path folder;

    private static int[] ints(JsonElement array) {
        return StreamSupport.stream(array.getAsJsonArray().spliterator(), false)
                .mapToInt(JsonElement::getAsInt)
                .toArray();
    }

    private static int[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, utf8.length).map(i -> 6 + (utf8[i] & 0xFF)).toArray();
    }

    @Test
    void encodesAndDecodesAsTheReference() throws IOException {
        Path reference = Fixtures.fixture("storyteller/reference/reference.json");
        JsonObject json = JsonParser.parseString(Files.readString(reference)).getAsJsonObject();
        try (Tokenizer tokenizer = Tokenizer.open(Fixtures.fixture("storyteller/text"))) {
            assertThat(tokenizer.encode("", true)).containsExactly(2);
            assertThat(tokenizer.eos()).containsExactlyInAnyOrder(1, 5);
            for (JsonElement element : json.getAsJsonArray("prompts")) {
                JsonObject prompt = element.getAsJsonObject();
                int[] ids = ints(prompt.get("ids"));
                assertThat(tokenizer.encode(prompt.get("text").getAsString(), true)).isEqualTo(ids);
                int[] continuation = ints(prompt.get("continuation_ids"));
                String text = prompt.get("continuation_text").getAsString();
                assertThat(tokenizer.decode(continuation, true)).isEqualTo(text);
                TextStream stream = new TextStream(tokenizer);
                StringBuilder streamed = new StringBuilder();
                for (int id : continuation) {
                    streamed.append(stream.append(id));
                }
                assertThat(streamed.append(stream.finish())).hasToString(text);
            }
        }
    }

    @Test
    void neitherTruncatesNorGivesASecondBos() throws IOException {
        TinyModel.writeTokenizer(folder);
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.encode("abc".repeat(1000), true)).hasSize(3001).startsWith(2, 262);
            assertThat(tokenizer.encode("<bos>abc", true)).containsExactly(2, 262, 263, 264);
            assertThat(tokenizer.encode("", true)).containsExactly(2);
            assertThat(tokenizer.encode("a<end_of_turn>", false)).containsExactly(262, 5);
            assertThat(tokenizer.eos()).containsExactlyInAnyOrder(1, 5);
        }
    }

    @Test
    void charactersComeOutWholeAndAtOnce() throws IOException {
        TinyModel.writeTokenizer(folder);
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            String text = "ü 你好 🙂 \u0000 é";
            TextStream stream = new TextStream(tokenizer);
            StringBuilder streamed = new StringBuilder();
            for (int id : bytes(text)) {
                String piece = stream.append(id);
                assertThat(piece.codePointCount(0, piece.length())).isLessThanOrEqualTo(1);
                streamed.append(piece);
            }
            assertThat(streamed).hasToString(text);
            assertThat(stream.append(6 + 0xC3) + stream.append(262)).isEqualTo("\uFFFDa");
            assertThat(stream.append(6 + 0xE4)).isEmpty();
            assertThat(stream.finish()).isEqualTo("\uFFFD");
        }
    }

    @Test
    void findsItsWayBackFromBytesThatAreNoCharacter() throws IOException {
        TinyModel.writeTokenizer(folder);
        Random random = new Random(4);
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            for (int run = 0; run < 50; run++) {
                TextStream stream = new TextStream(tokenizer);
                StringBuilder streamed = new StringBuilder();
                for (int i = 0; i < 5; i++) {
                    streamed.append(stream.append(6 + 128 + random.nextInt(64)));
                }
                for (int id : bytes("你好, a")) {
                    streamed.append(stream.append(id));
                }
                assertThat(streamed.toString()).isEqualTo("\uFFFD".repeat(5) + "你好, a");
            }
        }
    }

    @Test
    void saysWhatToDoAboutAFileThatIsMissingOrWrong() throws IOException {
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOfSatisfying(
                        ModelFormatException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelFormatException.Code.MISSING_FILE))
                .hasMessageContaining("copy tokenizer.json");
        for (String wrong : List.of("", "{", "{\"version\": \"1.0\"}", "[]")) {
            Files.writeString(folder.resolve(Tokenizer.FILE), wrong);
            assertThatThrownBy(() -> Tokenizer.open(folder))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("tokenizer.json");
        }
        TinyModel.writeTokenizer(folder);
        Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": {}}");
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("eos_token_id");
    }
}
