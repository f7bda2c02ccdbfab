package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Output on a terminal, which shows what goes to both streams, and on one that takes nothing. */
class ConsoleTest {

    private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();
    private final PrintStream before = System.err;

    @BeforeEach
    void watch() {
        System.setErr(new PrintStream(terminal, true, StandardCharsets.UTF_8));
        System.setProperty("npu.terminal", "true");
    }

    @AfterEach
    void leave() {
        System.clearProperty("npu.terminal");
        System.setErr(before);
    }

    @Test
    void theBarIsGoneBeforeTheResult() {
        Console console = console(new CommonOptions());
        try (Progress progress = console.progressOfBytes("converting")) {
            progress.update(5_000_000, 10_000_000);
            console.result("", out -> out.println("the result"));
            progress.update(10_000_000, 10_000_000);
        }
        String shown = terminal.toString(StandardCharsets.UTF_8);
        assertThat(shown).contains("converting").contains("5/10 MB");
        assertThat(shown).endsWith("\rthe result" + System.lineSeparator());
    }

    @Test
    void hintsDoNotCollideWithABar() {
        Console console = console(new CommonOptions());
        try (Progress busy = console.busy("loading")) {
            console.hint("by the way");
            busy.update(1, 2);
        }
        assertThat(terminal.toString(StandardCharsets.UTF_8))
                .contains("loading")
                .endsWith("\rby the way" + System.lineSeparator());
    }

    /** A program has its terminal once, and chat comes after the bar. */
    @Test
    void aBarLeavesTheTerminalToOthers() throws ReflectiveOperationException {
        Field taken =
                Class.forName("me.tongfei.progressbar.TerminalUtils").getDeclaredField("terminal");
        taken.setAccessible(true);
        taken.set(null, null);
        Console console = console(new CommonOptions());
        try (Progress busy = console.busy("loading")) {
            busy.update(1, 2);
            assertThat(taken.get(null)).isNull();
        }
        assertThat(taken.get(null)).isNull();
        assertThat(terminal.toString(StandardCharsets.UTF_8)).contains("loading");
    }

    @Test
    void quietShowsNoBar() {
        CommonOptions quiet = new CommonOptions();
        quiet.quiet = true;
        Console console = console(quiet);
        try (Progress progress = console.progress("reading")) {
            progress.update(1, 2);
        }
        assertThat(terminal.size()).isZero();
    }

    @Test
    void aFullDiskEndsTheWork() {
        Console console =
                new Console(
                        new PrintWriter(full()), new PrintWriter(terminal), new CommonOptions());
        assertThatThrownBy(() -> console.stream("a word"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("standard output cannot be written");
        assertThatThrownBy(() -> console.result("", out -> out.println("a line")))
                .hasMessageContaining("standard output cannot be written");
    }

    private Console console(CommonOptions options) {
        return new Console(
                new PrintWriter(terminal, true, StandardCharsets.UTF_8),
                new PrintWriter(terminal, true, StandardCharsets.UTF_8),
                options);
    }

    private static OutputStream full() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
    }
}
