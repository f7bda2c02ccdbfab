package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Memory by its address, for inner loops in which the bounds checks of a segment would be most of
 * the instructions: {@link #at} checks a whole range once, and accesses through {@link #of} are
 * plain loads and stores.
 *
 * <p>A loop asks for {@code of(segment)} and for indices from {@code at(segment, ...)}, masked with
 * {@link #INDEX} so that the compiler sees that they are not negative. Without native access
 * (Java's {@code --enable-native-access}) {@code of} is the segment itself, indices are its own
 * offsets, and the same loop runs with its checks.
 *
 * <p>Whoever closes the memory must wait for running loops; a range that is closed already is
 * refused.
 */
final class RawMemory {

    /** Every address and offset that can occur, as a mask. */
    static final long INDEX = (1L << 62) - 1;

    private static final MemorySegment EVERYTHING = everything();

    private RawMemory() {}

    @SuppressWarnings("restricted")
    private static MemorySegment everything() {
        // asking without permission would make Java print a warning in every application
        return RawMemory.class.getModule().isNativeAccessEnabled()
                ? MemorySegment.NULL.reinterpret(Long.MAX_VALUE)
                : null;
    }

    /**
     * Returns what to access a segment through.
     *
     * @param segment native memory
     * @return all memory, or the segment
     */
    static MemorySegment of(MemorySegment segment) {
        return EVERYTHING == null ? segment : EVERYTHING;
    }

    /**
     * Returns where a range lies in {@link #of}.
     *
     * @param segment native memory
     * @param offset first byte
     * @param bytes length, at least 1
     * @return index of the first byte
     * @throws IndexOutOfBoundsException if the range is not in the segment
     * @throws IllegalStateException if the segment is closed
     */
    static long at(MemorySegment segment, long offset, long bytes) {
        if (EVERYTHING == null) {
            return offset;
        }
        if (!segment.isNative()) {
            throw new IllegalArgumentException("kernels work on native memory");
        }
        Objects.checkFromIndexSize(offset, bytes, segment.byteSize());
        segment.get(JAVA_BYTE, offset); // throws if the segment is closed
        return segment.address() + offset;
    }
}
