package io.djlnpu.samples.command;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Checks where a result will be written before minutes are spent on it, and in the user's words:
 * the writers themselves write beside the target and rename.
 */
final class OutputPath {

    private OutputPath() {}

    /**
     * Checks that a file can be written.
     *
     * @param file the file to be, which may exist
     * @throws IOException if it is a folder, lies in none, or cannot be written
     */
    static void checkFile(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + ": a folder, expected the name of a file in it");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException(file + ": cannot be written: no folder " + folder + "; make it");
        }
        tryOut(file, folder);
    }

    /**
     * Checks that a folder can be made, with its parents.
     *
     * @param folder the folder to be
     * @throws IOException if it cannot
     */
    static void checkFolder(Path folder) throws IOException {
        Path parent = folder.toAbsolutePath().normalize().getParent();
        while (parent != null && !Files.exists(parent)) {
            parent = parent.getParent();
        }
        if (parent != null) {
            tryOut(folder, parent);
        }
    }

    /** Permissions do not tell of a file system that takes nothing; an attempt does. */
    private static void tryOut(Path wanted, Path folder) throws IOException {
        try {
            Files.delete(Files.createTempFile(folder, ".npu", null));
        } catch (IOException e) {
            String reason =
                    e instanceof FileSystemException refused && refused.getReason() != null
                            ? refused.getReason()
                            : "access denied";
            throw new IOException(
                    "%s: cannot be written in %s: %s; choose another place"
                            .formatted(wanted, folder, reason),
                    e);
        }
    }
}
