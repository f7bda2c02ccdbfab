package io.djlnpu.onnx.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The exported models beside the project, if they are there. */
public final class Fixtures {

    private Fixtures() {}

    /** A folder or file of the fixtures; the test is skipped where there are none. */
    public static Path fixture(String path) {
        Path root = Path.of("").toAbsolutePath();
        while (root != null && !Files.isDirectory(root.resolve("shared/fixtures"))) {
            root = root.getParent();
        }
        assumeTrue(root != null, "skipped: no folder shared/fixtures beside the project");
        return root.resolve("shared/fixtures").resolve(path);
    }

    /** A real model that was built on this machine; the test is skipped where it was not. */
    public static Path real(String path) {
        String stated = System.getenv("NPU_FIXTURES");
        Path root =
                stated != null
                        ? Path.of(stated)
                        : Path.of(System.getProperty("user.home"), ".cache", "npu-fixtures");
        assumeTrue(Files.exists(root.resolve(path)), "skipped: no " + root.resolve(path));
        return root.resolve(path);
    }
}
