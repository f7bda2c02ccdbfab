package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.samples.Npu;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NpuTest {

    /** Every command of ours; {@code generate-completion} is picocli's own. */
    static List<String> commands() {
        return Npu.commandLine().getSubcommands().keySet().stream()
                .filter(command -> !command.equals("generate-completion"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHelps(String command) {
        Run run = Run.of(command, "--help");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("npu " + command);
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandShowsItsUsageWhenItIsMisused(String command) {
        Run run = Run.of(command, "--no-such-option");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("Usage: npu " + command);
    }

    @Test
    void versionNamesTheJava() {
        Run run = Run.of("--version");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("npu ").contains("Java " + Runtime.version().feature());
    }

    @Test
    void anUnknownCommandIsWrongUsage() {
        assertThat(Run.of("fly").code()).isEqualTo(2);
    }

    @Test
    void completionCoversTheCommand() {
        Run run = Run.of("generate-completion");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("_complete_npu");
    }
}
