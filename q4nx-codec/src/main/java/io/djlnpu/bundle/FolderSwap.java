package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Builds a folder under a temporary name beside the target and renames it when it is whole.
 * Whatever happens in between, the target is the old folder, the new one, or not there; leftovers
 * of a killed process are cleared, and a folder that it had moved aside is put back, by the next
 * run.
 *
 * <p>Only a bundle or an empty folder is ever replaced, and never one that holds a source; nothing
 * is removed that a conversion did not make.
 */
final class FolderSwap implements AutoCloseable {

    /** What brings a path to the disk. */
    @FunctionalInterface
    interface Flush {

        void to(Path path) throws IOException;
    }

    private final Path target;
    private final Path building;
    private final Path aside;
    private final Flush flush;
    private final ConversionLock lock;
    private boolean committed;

    FolderSwap(Path target, boolean replace, Collection<Path> sources) throws IOException {
        this(target, replace, sources, Fsync::force);
    }

    /**
     * Starts a folder.
     *
     * @param target the folder to be
     * @param replace whether a bundle that is there is replaced
     * @param sources files that are read meanwhile and must be left
     * @param flush called with each file, then the folder, before it is renamed, and with its
     *     parent after
     * @throws IOException if the target may not be replaced, or another conversion works on it
     */
    FolderSwap(Path target, boolean replace, Collection<Path> sources, Flush flush)
            throws IOException {
        this.target = target.toAbsolutePath().normalize();
        this.flush = flush;
        Path parent = this.target.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(target + " is a file system's root");
        }
        Files.createDirectories(parent);
        String name = this.target.getFileName().toString();
        building = parent.resolve("." + name + ".building");
        aside = parent.resolve("." + name + ".replaced");
        lock = ConversionLock.on(this.target);
        try {
            recover();
            checkTarget(replace, sources);
            Files.createDirectory(building);
        } catch (IOException | RuntimeException e) {
            lock.release(!lock.afterAnother() || !anythingLeft());
            throw e;
        }
    }

    private void recover() throws IOException {
        boolean ours = lock.afterAnother();
        if (exists(aside)) {
            if (!exists(target) && (ours || ModelBundle.isBundle(aside))) {
                Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
            } else {
                clear(aside, ours);
            }
        }
        clear(building, ours);
    }

    private static void clear(Path leftover, boolean ours) throws IOException {
        if (!ours && exists(leftover)) {
            throw refusal(leftover, "is in the way and was not left by a conversion; move it");
        }
        delete(leftover);
    }

    private void checkTarget(boolean replace, Collection<Path> sources) throws IOException {
        if (!exists(target)) {
            return;
        }
        if (!replace) {
            throw refusal(
                    target, "exists already; choose another target, or say that it be replaced");
        }
        if (!ModelBundle.isBundle(target) && !isEmptyFolder(target)) {
            throw refusal(
                    target,
                    "is no bundle (no "
                            + ModelBundle.WEIGHTS_FILE
                            + " in it), so it is not replaced; choose another target");
        }
        for (Path source : sources) {
            if (lies(source)) {
                throw refusal(
                        target,
                        "holds the source "
                                + source
                                + ", which would be gone with it; choose another target");
            }
        }
    }

    /** Told by its path and by where links lead: the target may hold either end of one. */
    private boolean lies(Path source) throws IOException {
        return source.toAbsolutePath().normalize().startsWith(target)
                || Files.exists(source) && source.toRealPath().startsWith(target.toRealPath());
    }

    private static boolean isEmptyFolder(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        }
    }

    private static ModelFormatException refusal(Path path, String why) {
        return new ModelFormatException(Code.TARGET_EXISTS, path + " " + why);
    }

    Path folder() {
        return building;
    }

    long commit() throws IOException {
        long bytes = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(building)) {
            for (Path file : files) {
                bytes += Files.size(file);
                flush.to(file);
            }
        }
        flush.to(building);
        if (exists(target)) {
            Files.move(target, aside, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(building, target, StandardCopyOption.ATOMIC_MOVE);
        committed = true;
        flush.to(target.getParent());
        delete(aside);
        return bytes;
    }

    @Override
    public void close() throws IOException {
        try {
            if (!committed) {
                delete(building);
                if (exists(aside) && !exists(target)) {
                    Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
                }
            }
        } finally {
            lock.release(!anythingLeft());
        }
    }

    private boolean anythingLeft() {
        return exists(building) || exists(aside);
    }

    /** A link that leads nowhere is there too. */
    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static void delete(Path folder) throws IOException {
        // a link is removed, never what it points to
        if (!exists(folder)) {
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
