package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stands between a kernel and memory that is not its own. */
class RawMemoryTest {

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment = arena.allocate(64, 64);

    @BeforeEach
    void needsNativeAccess() {
        assumeTrue(
                RawMemoryTest.class.getModule().isNativeAccessEnabled(),
                "without native access segments check each load themselves");
    }

    @Test
    void indexAndMemoryBelongTogether() {
        segment.set(JAVA_FLOAT_UNALIGNED, 20, 3.5f);
        long at = RawMemory.at(segment, 16, 48) & RawMemory.INDEX;
        assertThat(RawMemory.of(segment).get(JAVA_FLOAT_UNALIGNED, at + 4)).isEqualTo(3.5f);
    }

    @Test
    void aRangeThatLeavesTheSegmentIsRefused() {
        assertThatThrownBy(() -> RawMemory.at(segment, 0, 65))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> RawMemory.at(segment, -1, 8))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> RawMemory.at(segment, 64, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> RawMemory.at(segment, 8, Long.MAX_VALUE))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void closedMemoryIsRefused() {
        arena.close();
        assertThatThrownBy(() -> RawMemory.at(segment, 0, 64))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theHeapHasNoAddress() {
        MemorySegment heap = MemorySegment.ofArray(new float[16]);
        assertThatThrownBy(() -> RawMemory.at(heap, 0, 64))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
