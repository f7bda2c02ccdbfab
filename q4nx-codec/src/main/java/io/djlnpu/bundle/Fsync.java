package io.djlnpu.bundle;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Brings what was written to the disk itself, so that it outlives a loss of power. */
final class Fsync {

    private Fsync() {}

    /**
     * Waits until a file's bytes, or a folder's list of names, are on the disk.
     *
     * @param path a file or folder
     * @throws IOException if a file cannot be brought there; folders cannot be opened on every
     *     platform, and where they can't they are left to it
     */
    static void force(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                channel.force(true);
            } catch (IOException e) {
                // Windows and file systems in memory open no folders
                return;
            }
            return;
        }
        // Windows wants to write before it forces; a file copied from a read-only one can't be
        OpenOption mode =
                Files.isWritable(path) ? StandardOpenOption.WRITE : StandardOpenOption.READ;
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }
}
