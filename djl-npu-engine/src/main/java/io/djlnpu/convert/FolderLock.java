package io.djlnpu.convert;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps one folder to one writer: among the threads of this process by a lock, among processes by a
 * locked file beside the folder. The file stays, since removing it would let a third writer in.
 */
final class FolderLock {

    private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    private FolderLock() {}

    /** What is done while the folder is ours. */
    @FunctionalInterface
    interface Work<T> {

        T run() throws IOException;
    }

    /** Waits until the folder, which need not exist, is ours, and works on it. */
    static <T> T holding(Path folder, Work<T> work) throws IOException {
        Path absolute = folder.toAbsolutePath().normalize();
        Path file = absolute.resolveSibling(absolute.getFileName() + ".lock");
        Files.createDirectories(file.getParent());
        ReentrantLock threads = THREADS.computeIfAbsent(file, f -> new ReentrantLock());
        threads.lock();
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock(); // until the channel is closed
            return work.run();
        } finally {
            threads.unlock();
        }
    }
}
