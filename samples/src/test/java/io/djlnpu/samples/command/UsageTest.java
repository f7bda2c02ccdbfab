package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Wrong usage: exit code 2 and the option's name, before a model is looked at (here there is none).
 */
class UsageTest {

    private static final String GENERATE = "generate --model none --prompt a ";
    private static final String SIMULATE = "simulate --model none ";

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--temperature -1",
                "--top-p 2",
                "--top-k -1",
                "--min-p 2",
                "--repetition-penalty 0",
                "--max-new-tokens -2",
                "--threads 0"
            })
    void aValueOutOfItsRange(String option) {
        String name = option.substring(0, option.indexOf(' '));
        assertThat(misuse(GENERATE + option)).contains(name + " ").contains("expected");
        assertThat(misuse("chat --model none " + option)).contains(name + " ");
    }

    @Test
    void anEmptyStop() {
        Run run = Run.of("generate", "--model", "none", "--prompt", "a", "--stop", "");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--stop ''");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--device foo",
                "--context 0",
                "--prompt 0",
                "--sweep foo=1..2",
                "--sweep columns",
                "--sweep ddr=40..120",
                "--sweep columns=4GHz",
                "--sweep columns=4 --sweep columns=8",
                "--sweep columns=4..8 --events",
                "--sweep columns=4..8 --plans",
                "--sweep columns=4..8 --trace t.json"
            })
    void aPriceThatCannotBe(String options) {
        misuse(SIMULATE + options);
    }

    static Stream<String> ignored() {
        return Stream.of(
                "simulate --published --html p.html",
                "simulate --write-device d.json --html p.html",
                "bench --model none --first-token --second-turn",
                "chat --model none --json",
                "demo --verbose --quiet",
                "generate-completion --foo");
    }

    @ParameterizedTest
    @MethodSource("ignored")
    void anOptionThatWouldBeIgnored(String command) {
        misuse(command);
    }

    @Test
    void aLengthOfAnotherPhaseIsSaid() throws Exception {
        Path source = Path.of(getClass().getResource("/storyteller/model.onnx").toURI());
        Run prefill = Run.of("simulate", "--model", source, "--phase", "prefill", "--context", 9);
        assertThat(prefill.code()).isZero();
        assertThat(prefill.err()).contains("--context changes nothing");
        Run decode = Run.of("simulate", "--model", source, "--prompt", 9);
        assertThat(decode.err()).contains("--prompt changes nothing");
    }

    @Test
    void aMistakeIsNotBuriedUnderTheHelp() {
        String said = misuse("generate --model none --promt x");
        assertThat(said.strip().lines().toList())
                .hasSizeLessThanOrEqualTo(3)
                .first()
                .asString()
                .contains("--promt");
        assertThat(said).contains("npu generate --help");
    }

    @Test
    void noCommandAtAllIsHelped() {
        Run run = Run.of();
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("convert", "simulate");
    }

    @Test
    void anEmptyPathIsNotTheCurrentFolder() {
        Run run = Run.of("generate", "--model", "", "--prompt", "a");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--model").contains("is no path");
    }

    @Test
    void aPromptMayBeginWithAnAt() throws Exception {
        Path arguments = Files.writeString(folder.resolve("p.txt"), "--help");
        Run run = Run.of("generate", "--model", "none", "--prompt", "@" + arguments);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("none");
    }

    @Test
    void frequentOptionsAreShort() {
        Run run = Run.of("generate", "-m", "none", "-p", "a", "-n", 3);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("none");
    }

    private static String misuse(String command) {
        Run run = Run.of(List.of(command.split(" ")).toArray());
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        return run.err();
    }
}
