package io.djlnpu.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers that native code must not see. */
class TokenizerFileTest {

    @TempDir private Path folder;

    /** Sets a member, by a path of names, of a sound tokenizer. */
    private Path with(String path, String value) throws IOException {
        TinyModel.writeTokenizer(folder);
        Path file = folder.resolve(Tokenizer.FILE);
        JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        String[] names = path.split("/");
        JsonElement at = json;
        for (int i = 0; i < names.length - 1; i++) {
            at =
                    at.isJsonArray()
                            ? at.getAsJsonArray().get(Integer.parseInt(names[i]))
                            : at.getAsJsonObject().get(names[i]);
        }
        at.getAsJsonObject().add(names[names.length - 1], JsonParser.parseString(value));
        return Files.writeString(file, json.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "model/continuing_subword_prefix | \"##\"",
                "model/end_of_word_suffix | \"</w>\"",
                "model/dropout | 0.5",
                "model/type | \"Unigram\"",
                "model/type | 7",
                "model/vocab | []",
                "model/vocab | {\"a\": \"b\"}",
                "model/merges | {}",
                "model/merges | [\"a\"]",
                "model/merges | [\"a zz\"]",
                "model/byte_fallback | \"maybe\"",
                "model | []",
                "added_tokens | {}",
                "added_tokens/0/content | \"\"",
                "added_tokens/0/content | null",
                "added_tokens/0/id | -1",
                "added_tokens/0/id | 4294967295",
                "added_tokens/0/id | 1.5",
                "normalizer/type | \"Precompiled\"",
                "normalizer/type | \"Nosuch\"",
                "normalizer/pattern | {\"String\": \"\"}",
                "normalizer/pattern | {\"Regex\": \"(a+)+$\"}",
                "normalizer/pattern | {\"Regex\": \"(a?b?)+$\"}",
                "normalizer/pattern | {\"Regex\": \"(?<=a)b\"}",
                "normalizer/pattern | {\"Regex\": \"(a)\\\\1\"}",
                "normalizer/pattern | {\"Regex\": \"a*a*a*b\"}",
                "normalizer/pattern | {\"Regex\": \"a{1000000}\"}",
                "normalizer/pattern | {\"Regex\": \"(\"}",
                "normalizer/pattern | {\"Regex\": \"[\"}",
                "normalizer/content | \"0123456789012345678901234567890123456789\"",
                "normalizer | {\"type\": \"Sequence\", \"normalizers\": {}}",
                "normalizer | {\"type\": \"Sequence\"}",
                "normalizer | []",
                "pre_tokenizer | {\"type\": \"Split\", \"pattern\": {\"Regex\": \"(x+x+)+y\"}, \"behavior\": \"Isolated\", \"invert\": false}",
                "pre_tokenizer | {\"type\": \"Split\", \"pattern\": {\"String\": \"\"}, \"behavior\": \"Isolated\", \"invert\": false}",
                "pre_tokenizer | {\"type\": \"Split\", \"pattern\": {\"String\": \"a\"}, \"behavior\": \"Never\", \"invert\": false}",
                "pre_tokenizer | {\"type\": \"Metaspace\", \"replacement\": \"ab\"}",
                "decoder | {\"type\": \"Strip\", \"content\": \" \", \"start\": 1, \"stop\": 1}",
                "decoder | {\"type\": \"Strip\", \"content\": \" \", \"start\": 4000000000, \"stop\": 0}",
                "decoder | {\"type\": \"Strip\", \"content\": \"\", \"start\": 1, \"stop\": 0}",
                "decoder | {\"type\": \"Replace\", \"pattern\": {\"Regex\": \"(a*)*\"}, \"content\": \"\"}",
                "decoder | {\"type\": \"WordPiece\", \"prefix\": \"##\"}"
            })
    void isRefused(String path, String value) throws IOException {
        with(path, value);
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(Tokenizer.FILE);
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 40})
    void partsThatMultiplyATextAreRefused(int times) throws IOException {
        String doubling =
                "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"},";
        with(
                "normalizer",
                "{\"type\":\"Sequence\",\"normalizers\":[%s{\"type\":\"NFC\"}]}"
                        .formatted(doubling.repeat(times)));
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("64 times as long");
    }

    @Test
    void aMemberTwiceNestingAndWhatIsNoJsonAreRefused() throws IOException {
        TinyModel.writeTokenizer(folder);
        Path file = folder.resolve(Tokenizer.FILE);
        String sound = Files.readString(file);
        for (String wrong :
                new String[] {
                    sound.replaceFirst("\"normalizer\"", "\"decoder\":null,\"normalizer\""),
                    sound.replaceFirst("null", "[".repeat(100_000) + "]".repeat(100_000)),
                    sound + "x",
                    sound.substring(0, sound.length() / 2),
                    sound.replace(":", "")
                }) {
            Files.writeString(file, wrong);
            assertThatThrownBy(() -> Tokenizer.open(folder))
                    .isInstanceOf(ModelFormatException.class);
        }
    }

    /** The library takes a template on trust, and aborts while it encodes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"single\":[{\"Sequence\":{\"id\":\"B\",\"type_id\":0}}],\"special_tokens\":{}",
                "\"single\":[{\"Sequence\":{\"id\":\"A\"}},{\"SpecialToken\":{\"id\":\"none\"}}],"
                        + "\"special_tokens\":{}",
                "\"single\":[{\"SpecialToken\":{\"id\":\"x\"}},{\"Sequence\":{\"id\":\"A\"}}],"
                        + "\"special_tokens\":{\"x\":{\"id\":\"x\",\"ids\":[1],\"tokens\":[\"a\",\"b\"]}}",
                "\"single\":[{\"SpecialToken\":{\"id\":\"x\"}},{\"Sequence\":{\"id\":\"A\"}}],"
                        + "\"special_tokens\":{\"x\":{\"id\":\"x\",\"ids\":[-1],\"tokens\":[\"a\"]}}",
                "\"single\":[],\"special_tokens\":{}",
                "\"single\":\"A\""
            })
    void aTemplateThatDoesNotAddUpIsRefused(String template) throws IOException {
        with("post_processor", "{\"type\":\"TemplateProcessing\",\"pair\":[]," + template + "}");
        assertThatThrownBy(() -> Tokenizer.open(folder)).isInstanceOf(ModelFormatException.class);
    }

    @Test
    void aTemplateIsPassedOnAndOtherProcessorsAreNot() throws IOException {
        with(
                "post_processor",
                "{\"type\":\"Sequence\",\"processors\":[{\"type\":\"ByteLevel\"},"
                        + "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\",\"type_id\":0}},"
                        + "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],\"pair\":[],"
                        + "\"special_tokens\":{\"x\":{\"id\":\"x\",\"ids\":[2],\"tokens\":[\"<bos>\"]}}}]}");
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.encode("abc", true)).containsExactly(2, 262, 263, 264);
        }
    }

    @Test
    void halvesOfCharactersAndMissingUnknownsDoNoHarm() throws IOException {
        with("model/unk_token", "\"nosuch\"");
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.encode("a\uD800b\uDC00", true)).startsWith(2, 262).hasSize(9);
        }
        with("model/byte_fallback", "false");
        assertThatThrownBy(
                        () -> {
                            with("model/byte_fallback", "false");
                            Path file = folder.resolve(Tokenizer.FILE);
                            Files.writeString(
                                    file,
                                    Files.readString(file)
                                            .replace(
                                                    "\"unk_token\":\"<unk>\"",
                                                    "\"unk_token\":\"nosuch\""));
                            try (Tokenizer tokenizer = Tokenizer.open(folder)) {
                                tokenizer.encode("é", true);
                            }
                        })
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tokenizer fails");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "storyteller/text",
                "families/llama/checkpoint",
                "families/qwen3/checkpoint",
                "families/embeddinggemma/checkpoint"
            })
    void theFamiliesPass(String model) throws IOException {
        Path file = Fixtures.fixture(model).resolve(Tokenizer.FILE);
        assertThatCode(() -> TokenizerFile.read(file)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                " {2,}",
                "[0-9][0-9][0-9]"
            })
    void publishedSplittersAreSafe(String expression) {
        assertThatCode(() -> SafeExpression.check(expression)).doesNotThrowAnyException();
    }
}
