package io.djlnpu.samples.doctor;

import io.djlnpu.convert.BundleCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Checks of the folders that the command and its tests use. */
public final class Folders {

    private Folders() {}

    /**
     * Looks at the conversion cache and at the tests' models.
     *
     * @return the checks
     */
    public static List<Check> checks() {
        Path home = Path.of(System.getProperty("user.home"));
        return List.of(
                cache(BundleCache.standard().root()),
                fixtures(Path.of("..", "shared", "fixtures"), home.resolve(".cache/npu-fixtures")));
    }

    static Check cache(Path root) {
        Path existing = root;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        boolean writable = existing != null && Files.isWritable(existing);
        String found = root + (Files.isDirectory(root) ? ", " + contents(root) : ", empty");
        if (existing != null) {
            found += String.format(Locale.ROOT, ", %.1f GB free", freeBytes(existing) / 1e9);
        }
        return Check.of(
                "cache",
                writable,
                found,
                "cannot be written: set DJL_CACHE_DIR to a folder that can");
    }

    private static String contents(Path root) {
        try (Stream<Path> bundles = Files.list(root)) {
            long count = bundles.filter(Files::isDirectory).count();
            return count + (count == 1 ? " folder" : " folders");
        } catch (IOException e) {
            return "unreadable";
        }
    }

    private static long freeBytes(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Nothing is wrong without them: the tests that need them skip, and say so. */
    static Check fixtures(Path... places) {
        List<String> present =
                Stream.of(places).filter(Files::isDirectory).map(Path::toString).toList();
        return Check.good(
                "fixtures",
                present.isEmpty()
                        ? "none; tests against foreign models will skip (docs/fixtures.md)"
                        : String.join(", ", present));
    }
}
