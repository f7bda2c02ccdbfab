package io.djlnpu.samples.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {

    @TempDir Path folder;

    @Test
    void hugePagesAreAFaultOnlyWhereTheyAreForbidden() throws Exception {
        Path setting = folder.resolve("enabled");
        Files.writeString(setting, "always [madvise] never\n");
        assertThat(Machine.hugePages(setting)).isEqualTo(Check.good("huge pages", "madvise"));
        Files.writeString(setting, "always madvise [never]\n");
        Check never = Machine.hugePages(setting);
        assertThat(never.ok()).isFalse();
        assertThat(never.advice()).contains("echo madvise");
        assertThat(Machine.hugePages(folder.resolve("none")).ok()).isTrue();
    }

    @Test
    void theCacheNeedNotExistYet() {
        Check check = Folders.cache(folder.resolve("a").resolve("b"));
        assertThat(check.ok()).isTrue();
        assertThat(check.found()).contains("empty").contains("GB free");
    }

    @Test
    void fixturesThatAreMissingAreNamedAndNoFault() {
        assertThat(Folders.fixtures(folder.resolve("none")).found()).contains("will skip");
        assertThat(Folders.fixtures(folder).found()).isEqualTo(folder.toString());
    }

    @Test
    void everyFaultHasAdvice() {
        for (Check check : Machine.checks()) {
            assertThat(check.ok() == check.advice().isEmpty()).as(check.name()).isTrue();
        }
    }
}
