package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What we ask of Linux about memory. Without native access (Java's {@code --enable-native-access})
 * or on other systems everything works the same, on small pages.
 */
public final class LinuxMemory {

    private static final Logger LOGGER = LoggerFactory.getLogger(LinuxMemory.class);
    private static final long HUGE_PAGE = 2L << 20;
    private static final long PAGE = 4096;

    // asking without permission would make Java print a warning in every application
    private static final boolean AVAILABLE =
            System.getProperty("os.name").equals("Linux")
                    && LinuxMemory.class.getModule().isNativeAccessEnabled();

    private LinuxMemory() {}

    /** Linux's own functions and numbers, touched only where they are there. */
    @SuppressWarnings("restricted")
    private static final class Call {

        static final int READ_WRITE = 3;
        static final int PRIVATE_ANONYMOUS = 0x22;
        static final int NO_FILE = -1;
        static final long FAILED = -1;
        static final int DONT_NEED = 4;
        static final int HUGE_PAGES = 14;

        private static final MethodHandle MMAP =
                find("mmap", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
        private static final MethodHandle MUNMAP = find("munmap", JAVA_INT, ADDRESS, JAVA_LONG);
        private static final MethodHandle MADVISE =
                find("madvise", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

        private static MethodHandle find(
                String name, MemoryLayout result, MemoryLayout... arguments) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow(name),
                    FunctionDescriptor.of(result, arguments));
        }

        static MemorySegment map(long bytes) {
            try {
                return (MemorySegment)
                        MMAP.invokeExact(
                                MemorySegment.NULL,
                                bytes,
                                READ_WRITE,
                                PRIVATE_ANONYMOUS,
                                NO_FILE,
                                0L);
            } catch (Throwable e) {
                throw new IllegalStateException("mmap", e);
            }
        }

        static void unmap(MemorySegment memory) {
            try {
                int result = (int) MUNMAP.invokeExact(memory, memory.byteSize());
                if (result != 0) {
                    LOGGER.warn("munmap of {} bytes was refused", memory.byteSize());
                }
            } catch (Throwable e) {
                throw new IllegalStateException("munmap", e);
            }
        }

        static void advise(MemorySegment memory, int advice) {
            try {
                int result = (int) MADVISE.invokeExact(memory, memory.byteSize(), advice);
                if (result != 0) {
                    LOGGER.debug("madvise({}) was refused", advice);
                }
            } catch (Throwable e) {
                throw new IllegalStateException("madvise", e);
            }
        }
    }

    /**
     * Allocates memory of zeros that may lie in huge pages, until the arena closes.
     *
     * <p>Not from the arena itself: that writes zeros, in small pages, before huge ones can be
     * asked for; and what {@code malloc} has lent keeps the advice when it goes to somebody else,
     * who then gets 2 MB for each page he touches.
     *
     * @param arena whose end is the memory's
     * @param bytes how many
     * @return memory at a multiple of 64 at least
     */
    @SuppressWarnings("restricted")
    public static MemorySegment huge(Arena arena, long bytes) {
        if (bytes >= 2 * HUGE_PAGE && AVAILABLE) {
            long room = up(bytes, PAGE) + HUGE_PAGE;
            MemorySegment start = Call.map(room);
            if (start.address() != Call.FAILED) {
                MemorySegment mapped = start.reinterpret(room, arena, Call::unmap);
                long skip = up(start.address(), HUGE_PAGE) - start.address();
                MemorySegment memory = mapped.asSlice(skip, bytes);
                Call.advise(memory, Call.HUGE_PAGES);
                return memory;
            }
        }
        return arena.allocate(bytes, 64);
    }

    /** Lets the system drop a file mapping's pages; they come back from the file when touched. */
    static void handBack(MemorySegment mapped) {
        if (!AVAILABLE || !mapped.isMapped()) {
            return;
        }
        long skip = up(mapped.address(), PAGE) - mapped.address();
        long bytes = (mapped.byteSize() - skip) / PAGE * PAGE;
        if (bytes > 0) {
            Call.advise(mapped.asSlice(skip, bytes), Call.DONT_NEED);
        }
    }

    private static long up(long value, long step) {
        return Math.ceilDiv(value, step) * step;
    }
}
