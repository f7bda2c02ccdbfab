package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.samples.Npu;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Where prompts come from and where answers end. */
class GenerateCommandTest {

    @TempDir private static Path shared;
    @TempDir Path folder;

    private static Path source;
    private static Path bundle;

    @BeforeAll
    static void convert() throws Exception {
        source = Path.of(GenerateCommandTest.class.getResource("/storyteller/model.onnx").toURI());
        bundle = shared.resolve("bundle");
        assertThat(Run.of("convert", source, bundle).code()).isZero();
    }

    @Test
    void idsNeedNoTokenizer() throws IOException {
        Path wordless = withoutTokenizer();
        Object[] command = {"generate", "-m", wordless, "--ids", "2,607,788", "-n", 5};
        JsonObject ids = json(command);
        JsonObject words = json("generate", "-m", bundle, "--ids", "2,607,788", "-n", 5);
        assertThat(ids.get("ids")).isEqualTo(words.get("ids"));
        assertThat(ids.get("finishReason")).isEqualTo(words.get("finishReason"));
        assertThat(ids.get("text").isJsonNull()).isTrue();
        Run run = Run.of(command);
        assertThat(run.code()).isZero();
        assertThat(run.out().strip().replace(' ', ','))
                .isEqualTo(ids.get("ids").toString().replaceAll("[\\[\\]]", ""));
        assertThat(Run.of("generate", "-m", wordless, "--ids", "2", "--stop", "x").err())
                .contains("--stop needs");
    }

    /** Without a tokenizer only the model's files say which tokens end an answer. */
    @Test
    void idsEndWhereWordsDo() throws IOException {
        JsonObject story = json("generate", "-m", bundle, "--chat", "-p", "What is 2 plus 3?");
        String prompt = story.get("promptIds").toString().replaceAll("[\\[\\]]", "");
        assertThat(story.get("finishReason").getAsString()).isEqualTo("stop");
        Path wordless = withoutTokenizer();
        Files.writeString(wordless.resolve("generation_config.json"), "{\"eos_token_id\": [1, 5]}");
        JsonObject ids = json("generate", "-m", wordless, "--ids", prompt);
        assertThat(ids.get("ids")).isEqualTo(story.get("ids"));
        assertThat(ids.get("finishReason").getAsString()).isEqualTo("stop");
    }

    @Test
    void anAnswerThatIsCutSaysSo() {
        Run cut = Run.of("generate", "-m", bundle, "-p", "Once upon a time", "-n", 3);
        assertThat(cut.err()).contains("cut at 3 tokens").contains("--max-new-tokens");
        Run quiet = Run.of("generate", "-m", bundle, "-p", "Once upon a time", "-n", 3, "--quiet");
        assertThat(quiet.err()).isEmpty();
    }

    @Test
    void aPromptComesThroughAPipe() {
        JsonObject expected = json("generate", "-m", bundle, "-p", "Once upon a time", "-n", 3);
        byte[] typed = "\uFEFFOnce upon a time\n".getBytes(StandardCharsets.UTF_8);
        for (Object[] command :
                new Object[][] {
                    {"generate", "-m", bundle, "-n", 3},
                    {"generate", "-m", bundle, "-n", 3, "--prompt-file", "-"}
                }) {
            assertThat(piped(typed, command).get("promptIds")).isEqualTo(expected.get("promptIds"));
        }
    }

    @Test
    void aFilesLastNewlineAndItsMarkAreNoPartOfThePrompt() throws IOException {
        Path file = Files.writeString(folder.resolve("p.txt"), "\uFEFFOnce upon a time\r\n");
        assertThat(json("generate", "-m", bundle, "--prompt-file", file, "-n", 1).get("promptIds"))
                .isEqualTo(
                        json("generate", "-m", bundle, "-p", "Once upon a time", "-n", 1)
                                .get("promptIds"));
    }

    @Test
    void anEmptyPipeIsNoPrompt() {
        InputStream before = System.in;
        System.setIn(InputStream.nullInputStream());
        System.setProperty("npu.piped", "true");
        try {
            Run run = Run.of("generate", "-m", bundle);
            assertThat(run.code()).isEqualTo(2);
            assertThat(run.err()).contains("no prompt");
        } finally {
            System.clearProperty("npu.piped");
            System.setIn(before);
        }
    }

    @Test
    void aReaderThatLeavesEndsTheAnswer() {
        StringWriter err = new StringWriter();
        int[] taken = new int[1];
        CommandLine line = Npu.commandLine();
        line.setOut(
                new PrintWriter(
                        new Writer() {
                            @Override
                            public void write(char[] text, int from, int length)
                                    throws IOException {
                                if (taken[0]++ > 0) {
                                    throw new IOException("Broken pipe");
                                }
                            }

                            @Override
                            public void flush() {}

                            @Override
                            public void close() {}
                        }));
        line.setErr(new PrintWriter(err));
        int code = line.execute("generate", "-m", bundle.toString(), "-p", "Once", "-n", "50");
        assertThat(code).isEqualTo(1);
        assertThat(err.toString()).contains("standard output cannot be written");
        assertThat(taken[0]).isLessThan(5);
    }

    @Test
    void aPictureWithoutAPlaceNamesTheWayOut() {
        Path picture = source.resolveSibling("shapes.png");
        Path sees = source.getParent();
        Run run = Run.of("generate", "-m", sees, "-p", "what?", "--image", picture);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("--chat");
    }

    private static JsonObject piped(byte[] typed, Object... command) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(typed));
        System.setProperty("npu.piped", "true");
        try {
            return json(command);
        } finally {
            System.clearProperty("npu.piped");
            System.setIn(before);
        }
    }

    private Path withoutTokenizer() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("wordless"));
        for (String name : List.of("model.q4nx", "config.json")) {
            Files.copy(bundle.resolve(name), copy.resolve(name));
        }
        return copy;
    }

    private static JsonObject json(Object... command) {
        Object[] all = Arrays.copyOf(command, command.length + 1);
        all[command.length] = "--json";
        Run run = Run.of(all);
        assertThat(run.code()).describedAs(run.err()).isZero();
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }
}
