package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory in huge pages is memory like any other, and gone when its arena is. */
class LinuxMemoryTest {

    private static final long HUGE_PAGE = 2L << 20;

    @ParameterizedTest
    @ValueSource(longs = {1, 4096, HUGE_PAGE, 2 * HUGE_PAGE - 1, 2 * HUGE_PAGE, 5 * HUGE_PAGE + 3})
    void itIsZeroAndCanBeWrittenToItsEnds(long bytes) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = LinuxMemory.huge(arena, bytes);
            assertThat(memory.byteSize()).isEqualTo(bytes);
            assertThat(memory.address() % 64).isZero();
            assertThat(memory.mismatch(arena.allocate(bytes))).isEqualTo(-1);
            memory.fill((byte) 7);
            assertThat(memory.get(JAVA_BYTE, 0)).isEqualTo((byte) 7);
            assertThat(memory.get(JAVA_BYTE, bytes - 1)).isEqualTo((byte) 7);
        }
    }

    @Test
    void theSystemIsAskedForHugePagesAndGetsThemBack() throws IOException {
        assumeTrue(
                Files.exists(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")),
                "no transparent huge pages on this system");
        assumeTrue(LinuxMemory.class.getModule().isNativeAccessEnabled(), "no native access");
        long address;
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            memory = LinuxMemory.huge(arena, 4 * HUGE_PAGE);
            address = memory.address();
            assertThat(address % HUGE_PAGE).isZero();
            assertThat(flagsOfMappingAt(address)).contains("hg");
        }
        assertThat(flagsOfMappingAt(address)).doesNotContain("hg");
        assertThatThrownBy(() -> memory.get(JAVA_BYTE, 0))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Flags of the mapping that starts at, or goes over, an address; none if there is none. */
    private static List<String> flagsOfMappingAt(long address) throws IOException {
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                String[] range = line.substring(0, line.indexOf(' ')).split("-");
                inside =
                        Long.parseUnsignedLong(range[0], 16) <= address
                                && address < Long.parseUnsignedLong(range[1], 16);
            } else if (inside && line.startsWith("VmFlags:")) {
                return List.of(line.substring("VmFlags:".length()).strip().split(" "));
            }
        }
        return List.of();
    }
}
