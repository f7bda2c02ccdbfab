package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What we tell Linux about memory. Advice only: without native access (Java's {@code
 * --enable-native-access}) or on other systems everything works the same, on small pages.
 */
final class PageAdvice {

    private static final Logger LOGGER = LoggerFactory.getLogger(PageAdvice.class);
    private static final long HUGE_PAGE = 2L << 20;
    private static final long PAGE = 4096;
    private static final int DONT_NEED = 4;
    private static final int HUGE_PAGES = 14;

    private static final Optional<MethodHandle> MADVISE = madvise();

    private PageAdvice() {}

    @SuppressWarnings("restricted")
    private static Optional<MethodHandle> madvise() {
        // asking without permission would make Java print a warning in every application
        if (!System.getProperty("os.name").equals("Linux")
                || !PageAdvice.class.getModule().isNativeAccessEnabled()) {
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("madvise")
                .map(
                        address ->
                                linker.downcallHandle(
                                        address,
                                        FunctionDescriptor.of(
                                                JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT)));
    }

    /** Allocates memory that may lie in huge pages. */
    static MemorySegment huge(Arena arena, long bytes) {
        if (bytes < 2 * HUGE_PAGE) {
            return arena.allocate(bytes, 64);
        }
        MemorySegment memory = arena.allocate(bytes, HUGE_PAGE);
        advise(memory, HUGE_PAGES);
        // the arena has filled small pages with zeros; the next touch brings huge ones, zero too
        advise(memory, DONT_NEED);
        return memory;
    }

    /** Lets the system drop a file mapping's pages; they come back from the file when touched. */
    static void handBack(MemorySegment mapped) {
        if (mapped.isMapped()) {
            advise(mapped, DONT_NEED);
        }
    }

    private static void advise(MemorySegment memory, int advice) {
        long start = Math.ceilDiv(memory.address(), PAGE) * PAGE;
        long bytes = (memory.address() + memory.byteSize() - start) / PAGE * PAGE;
        if (MADVISE.isEmpty() || bytes <= 0) {
            return;
        }
        try {
            int result =
                    (int)
                            MADVISE.get()
                                    .invokeExact(
                                            memory.asSlice(start - memory.address(), bytes),
                                            bytes,
                                            advice);
            if (result != 0) {
                LOGGER.debug("madvise({}) was refused", advice);
            }
        } catch (Throwable e) {
            throw new IllegalStateException("madvise", e);
        }
    }
}
