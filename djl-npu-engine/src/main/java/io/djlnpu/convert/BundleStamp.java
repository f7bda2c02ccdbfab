package io.djlnpu.convert;

import io.djlnpu.bundle.Checksums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether a kept bundle is still what the converter wrote. Beside the folder a stamp keeps,
 * of every file, what any write to it changes: length, inode, and the times of its content and of
 * its entry. A bundle that fits its stamp is not read again; any other is hashed and compared with
 * its checksums, whole, and stamped anew.
 */
final class BundleStamp {

    private static final Logger LOGGER = LoggerFactory.getLogger(BundleStamp.class);

    private static final String SUFFIX = ".stamp";

    private BundleStamp() {}

    /**
     * Tells whether a bundle is whole, as it was written.
     *
     * @throws IOException if it cannot be read
     */
    static boolean isWhole(Path folder) throws IOException {
        Path stamp = file(folder);
        String now = of(folder);
        if (Files.isRegularFile(stamp, LinkOption.NOFOLLOW_LINKS)
                && Files.size(stamp) == now.length()
                && Files.readString(stamp).equals(now)) {
            return true;
        }
        if (!Files.isRegularFile(folder.resolve(Checksums.FILE))) {
            return false;
        }
        List<String> faults = Checksums.faults(folder);
        if (!faults.isEmpty()) {
            LOGGER.warn("A kept bundle is damaged: {}", faults.getFirst());
            return false;
        }
        write(folder);
        return true;
    }

    /** Remembers a bundle that is whole; a cache that may not be written does without. */
    static void write(Path folder) {
        Path stamp = file(folder);
        try {
            Path temporary = Files.createTempFile(folder.getParent(), ".stamp", ".tmp");
            Files.writeString(temporary, of(folder));
            Files.move(
                    temporary,
                    stamp,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOGGER.debug("No stamp is kept beside {}", folder, e);
        }
    }

    private static Path file(Path folder) {
        return folder.resolveSibling(folder.getFileName() + SUFFIX);
    }

    private static String of(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                lines.add(line(file));
            }
        }
        return String.join("\n", lines);
    }

    private static String line(Path file) throws IOException {
        boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
        BasicFileAttributes basic =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Object entry =
                unix ? Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS) : "";
        return String.join(
                " ",
                file.getFileName().toString(),
                String.valueOf(basic.size()),
                String.valueOf(basic.lastModifiedTime().to(TimeUnit.NANOSECONDS)),
                String.valueOf(basic.fileKey()),
                String.valueOf(entry));
    }
}
