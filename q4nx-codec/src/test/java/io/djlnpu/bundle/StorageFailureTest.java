package io.djlnpu.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.djlnpu.testing.TinyModel;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is full and a folder that may not be written: the old bundle stays, nothing else.
 *
 * <p>Once on a file system in memory that fills up at twelve places, on any platform; once on
 * Linux's own, in a mount namespace of a child process.
 */
class StorageFailureTest {

    private static final int OLD_VOCABULARY = 64;
    private static final int NEW_VOCABULARY = 1024;
    private static final int BLOCK = 512;

    @TempDir Path folder;

    @Test
    void whereverTheDiskIsFullTheOldBundleStays() throws Exception {
        long oldBytes = conversionBytes(OLD_VOCABULARY);
        long newBytes = conversionBytes(NEW_VOCABULARY);
        int failures = 0;
        for (int i = 0; i <= 12; i++) {
            // above all bytes by an eighth at the end: files fill whole blocks
            long size = oldBytes + BLOCK * 64 + newBytes * i * 9 / (12 * 8);
            try (FileSystem disk = disk(size)) {
                Path parent = Files.createDirectory(disk.getPath("/models"));
                Path target = parent.resolve("bundle");
                convert(OLD_VOCABULARY, target);
                Map<Path, String> before = contents(target);
                try {
                    convert(NEW_VOCABULARY, target);
                    assertThat(contents(target)).isNotEqualTo(before);
                } catch (IOException e) {
                    failures++;
                    assertThat(e).hasStackTraceContaining("out of disk space");
                    assertThat(contents(target)).isEqualTo(before);
                }
                assertThat(entries(parent)).containsExactly(target);
            }
        }
        assertThat(failures).isBetween(8, 12);
    }

    @Test
    void aFullDiskIsSaidWithFileAndBytes() throws Exception {
        try (FileSystem disk = disk(conversionBytes(OLD_VOCABULARY) / 2)) {
            Path target = disk.getPath("/bundle");
            assertThatThrownBy(() -> convert(OLD_VOCABULARY, target))
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching(".*_weight.q4nx: \\d+ of \\d+ bytes written, then: .*");
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void aTargetBelowAFileIsRefusedCleanly() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        assertThatThrownBy(() -> convert(OLD_VOCABULARY, file.resolve("bundle")))
                .isInstanceOf(IOException.class);
        assertThat(file).hasContent("mine");
        assertThat(entries(folder)).containsExactly(file);
    }

    @Test
    void aRealDiskThatIsFull() throws Exception {
        assertThat(inNamespace("mount -t tmpfs -o size=3m tmpfs \"$1\"", "full"))
                .contains("No space left on device");
    }

    @Test
    void aRealFolderThatIsReadOnly() throws Exception {
        assertThat(inNamespace("mount -t tmpfs -o size=4m tmpfs \"$1\"", "readonly"))
                .contains("Read-only file system");
    }

    /** Runs {@link Scenario} in a mount namespace of its own, which ends with the process. */
    private String inNamespace(String mount, String scenario) throws Exception {
        Assumptions.assumeTrue(
                Stream.of("/bin", "/usr/bin", "/sbin", "/usr/sbin")
                        .anyMatch(bin -> Files.isExecutable(Path.of(bin, "unshare"))),
                "skipped: no unshare here; the same ran on a file system in memory");
        Path disk = Files.createDirectory(folder.resolve("disk"));
        String script =
                mount
                        + " || exit 77; "
                        + Path.of(System.getProperty("java.home"), "bin", "java")
                        + " -cp \"$2\" \"$3\" \"$1\" \"$4\"";
        Process process =
                new ProcessBuilder(
                                "unshare",
                                "--map-root-user",
                                "--mount",
                                "sh",
                                "-c",
                                script,
                                "sh",
                                disk.toString(),
                                System.getProperty("java.class.path"),
                                Scenario.class.getName(),
                                scenario)
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes());
        int code = process.waitFor();
        Assumptions.assumeFalse(
                code == 77 || output.contains("unshare"),
                "skipped: no mounting here; the same ran on a file system in memory: " + output);
        assertThat(code).as(output).isZero();
        return output;
    }

    /** In the namespace: an old bundle, a conversion that must fail, then a look around. */
    static final class Scenario {

        private Scenario() {}

        public static void main(String[] arguments) throws Exception {
            Path parent = Path.of(arguments[0]);
            Path target = parent.resolve("bundle");
            convert(OLD_VOCABULARY, target);
            Map<Path, String> before = contents(target);
            boolean readOnly = arguments[1].equals("readonly");
            if (readOnly) {
                remount(parent, "ro");
            }
            assertThatThrownBy(() -> convert(8 * NEW_VOCABULARY, target))
                    .isInstanceOfSatisfying(
                            IOException.class, e -> System.out.println(e.getMessage()));
            assertThat(contents(target)).isEqualTo(before);
            assertThat(entries(parent)).containsExactly(target);
            if (readOnly) {
                remount(parent, "rw");
            }
            convert(OLD_VOCABULARY, target);
            assertThat(entries(parent)).containsExactly(target);
        }

        private static void remount(Path parent, String mode) throws Exception {
            int code =
                    new ProcessBuilder("mount", "-o", "remount," + mode, parent.toString())
                            .inheritIO()
                            .start()
                            .waitFor();
            assertThat(code).isZero();
        }
    }

    private static void convert(int vocabulary, Path target) throws IOException {
        BundleOptions options = BundleOptions.defaults().withReplace(true);
        BundleWriter.write(new TinyModel(vocabulary), target, options);
    }

    /** What a bundle takes, measured where there is room. */
    private static long conversionBytes(int vocabulary) throws IOException {
        try (FileSystem disk = disk(64 << 20)) {
            Path target = disk.getPath("/bundle");
            convert(vocabulary, target);
            long bytes = 0;
            for (Path file : entries(target)) {
                bytes += Files.size(file);
            }
            return bytes;
        }
    }

    private static FileSystem disk(long bytes) {
        return Jimfs.newFileSystem(
                Configuration.unix().toBuilder().setBlockSize(BLOCK).setMaxSize(bytes).build());
    }

    private static Map<Path, String> contents(Path bundle) throws IOException {
        Map<Path, String> sums = new TreeMap<>();
        for (Path file : entries(bundle)) {
            sums.put(file, Checksums.sha256(file));
        }
        return sums;
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.toList();
        }
    }
}
