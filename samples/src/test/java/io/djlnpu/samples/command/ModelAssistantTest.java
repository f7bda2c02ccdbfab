package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.chat.ChatTemplate;
import io.djlnpu.samples.chat.Assistant.Answer;
import io.djlnpu.samples.chat.Assistant.Turn;
import io.djlnpu.samples.chat.StopSignal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A conversation with the shipped model's words, which has no eyes then. */
class ModelAssistantTest {

    @TempDir Path folder;

    @Test
    void saysWhyItCannotGoOn() throws Exception {
        Path blind = blind();
        Console console =
                new Console(
                        new PrintWriter(System.err),
                        new PrintWriter(System.err),
                        new CommonOptions());
        try (LoadedModel loaded = LoadedModel.open(blind, DecoderOptions.defaults(), console)) {
            ModelAssistant assistant =
                    new ModelAssistant(
                            loaded,
                            new TextGenerator(loaded.model(), loaded.tokenizer()),
                            ChatTemplate.open(loaded.folder()),
                            GenerationConfig.greedy(3));
            assertThatThrownBy(() -> assistant.look(blind.resolve("shapes.png")))
                    .hasMessageContaining("does not see");
            assertThatThrownBy(() -> assistant.look(blind.resolve("tokenizer.json")))
                    .hasMessageContaining("neither PNG, JPEG nor WebP");
            Turn story = new Turn("user", "The cat ran to the hill. ".repeat(500), List.of());
            assertThatThrownBy(() -> answer(assistant, story))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the context holds 2048")
                    .hasMessageContaining("/reset");
            Answer cut = answer(assistant, new Turn("user", "Tell me a story.", List.of()));
            assertThat(cut.tokens()).isEqualTo(3);
            assertThat(cut.cut()).isTrue();
        }
    }

    @Test
    void chatTakesWhatTheModelsMakersAdvise() throws IOException {
        Files.writeString(
                folder.resolve("generation_config.json"),
                "{\"do_sample\": true, \"top_k\": 64, \"max_new_tokens\": 256}");
        GenerationConfig advised = options().config(ChatCommand.defaults(folder));
        assertThat(advised.temperature()).isEqualTo(1);
        assertThat(advised.topK()).isEqualTo(64);
        assertThat(advised.maxNewTokens()).isEqualTo(Integer.MAX_VALUE);
        GenerationConfig wanted =
                options("--temperature", "0", "-n", "9").config(ChatCommand.defaults(folder));
        assertThat(wanted.temperature()).isZero();
        assertThat(wanted.maxNewTokens()).isEqualTo(9);
    }

    private static SamplingOptions options(String... arguments) {
        return CommandLine.populateCommand(new SamplingOptions(), arguments);
    }

    private static Answer answer(ModelAssistant assistant, Turn turn) throws IOException {
        return assistant.answer(List.of(turn), piece -> {}, new StopSignal());
    }

    private Path blind() throws Exception {
        Path shipped = Path.of(getClass().getResource("/storyteller/model.onnx").toURI());
        Path blind = Files.createDirectory(folder.resolve("blind"));
        try (var files = Files.list(shipped.getParent())) {
            for (Path file : files.toList()) {
                if (!file.getFileName().toString().startsWith("vision")) {
                    Files.copy(file, blind.resolve(file.getFileName()));
                }
            }
        }
        return blind;
    }
}
