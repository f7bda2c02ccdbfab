package io.djlnpu.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.format.ModelFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of docs/attacks.md is built, read, and refused for the right reason. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AttacksTest {

    static Stream<Attack> attacks() {
        return Stream.of(
                        ContainerAttacks.list(),
                        BundleAttacks.list(),
                        SourceAttacks.list(),
                        ImportanceAttacks.list())
                .flatMap(List::stream);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void isRefused(Attack attack, @TempDir Path folder) {
        assertThatThrownBy(() -> attack.action().run(folder))
                .isInstanceOfSatisfying(
                        ModelFormatException.class,
                        e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(attack.code()));
    }

    @Test
    void theDocumentListsThemAll() throws Exception {
        List<String> documented =
                Files.readAllLines(Path.of("..", "docs", "attacks.md")).stream()
                        .filter(line -> line.matches("\\| .* \\| `[A-Z_]+` \\|"))
                        .toList();
        assertThat(documented).isEqualTo(attacks().map(Attack::line).toList());
        assertThat(documented).hasSizeGreaterThan(80).doesNotHaveDuplicates();
    }
}
