package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is said of a file that a user names wrongly: which, why, what to do, and before the model is
 * opened (here there is none).
 */
class FilesTest {

    @TempDir Path folder;

    private Path source;
    private Path latin1;
    private Path empty;

    @BeforeEach
    void write() throws Exception {
        source = Path.of(getClass().getResource("/storyteller/model.onnx").toURI());
        latin1 = Files.write(folder.resolve("latin1.txt"), new byte[] {'a', (byte) 0xE9, 'b'});
        empty = Files.writeString(folder.resolve("empty.txt"), "\n");
    }

    @Test
    void aTextThatIsNotUtf8() {
        for (Object[] command :
                new Object[][] {
                    {"generate", "--model", "none", "--prompt-file", latin1},
                    {"perplexity", "--model", "none", "--file", latin1},
                    {"calibrate", "none", "--text", latin1, "-o", folder.resolve("i")}
                }) {
            assertThat(failure(command)).contains(latin1 + ": byte 1 is not UTF-8");
        }
    }

    @Test
    void aFolderInsteadOfAText() {
        assertThat(failure("generate", "--model", "none", "--prompt-file", folder))
                .contains(folder + ": a folder, expected a file");
    }

    @Test
    void anEmptyText() {
        assertThat(failure("calibrate", "none", "--text", empty, "-o", folder.resolve("i")))
                .contains(empty + ": no text");
        assertThat(failure("perplexity", "--model", "none", "--file", empty))
                .contains(empty + ": no text");
        assertThat(folder.resolve("i")).doesNotExist();
    }

    @Test
    void aMissingPicture() {
        Path picture = folder.resolve("none.png");
        assertThat(
                        failure(
                                "generate",
                                "--model",
                                "none",
                                "--chat",
                                "--prompt",
                                "a",
                                "--image",
                                picture))
                .contains(picture.toString());
    }

    @Test
    void aPlaceThatCannotBeWritten() {
        Path nowhere = folder.resolve("none").resolve("out.safetensors");
        assertThat(failure("logits", "--model", "none", "--ids", 2, "--out", nowhere))
                .contains(nowhere + ": cannot be written: no folder");
        assertThat(failure("logits", "--model", "none", "--ids", 2, "--out", folder))
                .contains(folder + ": a folder");
        Path below = latin1.resolve("bundle");
        assertThat(failure("convert", source, below))
                .contains(below + ": cannot be written in " + latin1)
                .doesNotContain("building");
    }

    @Test
    void aTargetThatExistsNamesForce() throws IOException {
        Path taken = Files.createDirectory(folder.resolve("taken"));
        assertThat(failure("convert", source, taken)).contains("--force");
    }

    @Test
    void aConfigurationThatIsNone() throws IOException {
        for (Path config : List.of(latin1, Files.writeString(folder.resolve("c"), "a = b"))) {
            assertThat(failure("simulate", "--config", config))
                    .contains(config + ": no JSON; ")
                    .doesNotContain("Gson", "Reader");
        }
    }

    @Test
    void anImportanceThatIsNone() throws IOException {
        Path target = folder.resolve("bundle");
        assertThat(Run.of("convert", source, target).code()).isZero();
        Path weights = target.resolve("model.q4nx");
        assertThat(failure("convert", source, folder.resolve("b"), "--importance", weights))
                .contains("npu calibrate MODEL");
        assertThat(failure("convert", target, folder.resolve("b"))).contains("a bundle already");
    }

    /** Where the model lies, and not where the cache keeps what it became. */
    @Test
    void aMissingTokenizer() throws IOException {
        Path model = withoutTokenizer();
        assertThat(failure("generate", "--model", model, "--prompt", "a"))
                .contains(model + ": no tokenizer.json beside the model");
    }

    @Test
    void aHomeThatCannotBeWrittenOnlyHasNoHistory() {
        StringWriter err = new StringWriter();
        Console console =
                new Console(new PrintWriter(err), new PrintWriter(err), new CommonOptions());
        assertThat(ChatCommand.historyFile(latin1, console)).isEmpty();
        assertThat(err.toString()).contains("messages are not kept").contains("latin1.txt");
        assertThat(ChatCommand.historyFile(folder, console))
                .contains(folder.resolve("npu").resolve("chat_history"));
    }

    /** The shipped model as an exporter leaves it that was not told to copy the tokenizer. */
    private Path withoutTokenizer() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        for (String name : List.of("model.onnx", "model.onnx.data", "genai_config.json")) {
            Files.copy(source.resolveSibling(name), model.resolve(name));
        }
        return model;
    }

    private static String failure(Object... command) {
        Run run = Run.of(command);
        assertThat(run.code()).as(run.err()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().strip().lines()).hasSize(1);
        return run.err();
    }
}
