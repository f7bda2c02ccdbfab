package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Builds a folder under a temporary name beside the target and renames it when it is whole.
 * Whatever happens in between, the target is the old folder, the new one, or not there; leftovers
 * of a killed process are cleared, and a folder that it had moved aside is put back, by the next
 * run.
 */
final class FolderSwap implements AutoCloseable {

    private final Path target;
    private final Path building;
    private final Path aside;
    private boolean committed;

    FolderSwap(Path target, boolean replace) throws IOException {
        this.target = target.toAbsolutePath().normalize();
        Path parent = this.target.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(target + " is a file system's root");
        }
        Files.createDirectories(parent);
        String name = this.target.getFileName().toString();
        building = parent.resolve("." + name + ".building");
        aside = parent.resolve("." + name + ".replaced");
        recover();
        if (Files.exists(this.target) && !replace) {
            throw new ModelFormatException(
                    Code.TARGET_EXISTS,
                    target + " exists already; choose another target, or say that it be replaced");
        }
        Files.createDirectory(building);
    }

    private void recover() throws IOException {
        if (Files.exists(aside)) {
            if (Files.exists(target)) {
                delete(aside);
            } else {
                Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        delete(building);
    }

    Path folder() {
        return building;
    }

    long commit() throws IOException {
        long bytes = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(building)) {
            for (Path file : files) {
                bytes += Files.size(file);
            }
        }
        if (Files.exists(target)) {
            Files.move(target, aside, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(building, target, StandardCopyOption.ATOMIC_MOVE);
        committed = true;
        delete(aside);
        return bytes;
    }

    @Override
    public void close() throws IOException {
        if (!committed) {
            delete(building);
        }
    }

    private static void delete(Path folder) throws IOException {
        // a link is removed, never what it points to
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(folder)) {
            List<Path> paths = walk.sorted(Comparator.reverseOrder()).toList();
            for (Path path : paths) {
                Files.deleteIfExists(path);
            }
        }
    }
}
