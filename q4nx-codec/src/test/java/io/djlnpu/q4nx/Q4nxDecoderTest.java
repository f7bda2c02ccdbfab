package io.djlnpu.q4nx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way to decode agrees with every other, over sizes that fill no block. */
class Q4nxDecoderTest {

    @ParameterizedTest
    @CsvSource({"32, 1", "32, 31", "64, 33", "96, 256", "32, 257", "64, 640", "32, 1152"})
    void allWaysAgree(int rows, int columns) {
        Q4nxTensor tensor = tensor(rows, columns);
        float[] whole = new float[rows * columns];
        Q4nxDecoder.decodeRows(tensor, 0, rows, whole);

        float[] block = new float[32 * 256];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                if (r % 32 == 0 && c % 256 == 0) {
                    Q4nxDecoder.decodeBlock(tensor, r / 32, c / 256, block);
                }
                if (r % 32 == 0) {
                    assertThat(block[c % 256]).isEqualTo(whole[r * columns + c]);
                }
            }
        }
        int first = rows / 2 - 1;
        float[] range = new float[3 * columns + 1];
        range[3 * columns] = 17;
        Q4nxDecoder.decodeRows(tensor, first, 3, range);
        float[] expected = Arrays.copyOfRange(whole, first * columns, (first + 3) * columns);
        assertThat(Arrays.copyOf(range, 3 * columns)).isEqualTo(expected);
        assertThat(range[3 * columns]).as("what lies behind is not touched").isEqualTo(17);

        byte[] floats = new byte[4 * 3 * columns];
        byte[] halves = new byte[2 * 3 * columns];
        Q4nxDecoder.decodeRows(tensor, first, 3, MemorySegment.ofArray(floats));
        Q4nxDecoder.decodeRowsToBfloat16(tensor, first, 3, MemorySegment.ofArray(halves));
        for (int i = 0; i < expected.length; i++) {
            float value =
                    MemorySegment.ofArray(floats).get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
            short bits = MemorySegment.ofArray(halves).get(Bfloat16.LAYOUT, 2L * i);
            assertThat(value).isEqualTo(expected[i]);
            assertThat(bits).isEqualTo(Bfloat16.fromFloat(expected[i]));
        }
    }

    @ParameterizedTest
    @CsvSource({"32, 1", "64, 33", "64, 640"})
    void segmentsHoldTheSameAndNothingBehind(int rows, int columns) {
        Q4nxTensor tensor = tensor(rows, columns);
        float[] whole = new float[rows * columns];
        Q4nxDecoder.decodeRows(tensor, 0, rows, whole);
        MemorySegment floats = poisoned(4L * whole.length + 4);
        MemorySegment bits = poisoned(2L * whole.length + 4);
        Q4nxDecoder.decode(tensor, floats);
        Q4nxDecoder.decodeToBfloat16(tensor, bits);
        assertSame(whole, floats, bits);

        float[] block = new float[32 * 256];
        Q4nxDecoder.decodeBlock(tensor, rows / 32 - 1, tensor.columnBlocks() - 1, block);
        floats = poisoned(4L * block.length + 4);
        bits = poisoned(2L * block.length + 4);
        Q4nxDecoder.decodeBlock(tensor, rows / 32 - 1, tensor.columnBlocks() - 1, floats);
        Q4nxDecoder.decodeBlockToBfloat16(tensor, rows / 32 - 1, tensor.columnBlocks() - 1, bits);
        assertSame(block, floats, bits);
    }

    /**
     * A matrix of 2.6 GB in float32 that lies in a sparse file: what is asked for is what it takes.
     */
    @Test
    void takesSixKilobytesHoweverLargeTheMatrix(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("sparse");
        long bytes = Q4nxFormat.byteLength(262144, 2560);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (FileChannel channel =
                        FileChannel.open(
                                file,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.SPARSE);
                Arena arena = Arena.ofConfined()) {
            channel.write(ByteBuffer.wrap(new byte[] {1}), bytes - 1);
            MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena);
            Q4nxTensor tensor = new Q4nxTensor("large", 262144, 2560, data);
            MemorySegment target = arena.allocate(4L * 2560 * 64);
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 4; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                Q4nxDecoder.decodeRows(tensor, 262144 - 64, 64, target);
                Q4nxDecoder.decodeRowsToBfloat16(tensor, 100_000, 64, target);
                Q4nxDecoder.decodeBlock(tensor, 8191, 9, target);
                long taken = threads.getCurrentThreadAllocatedBytes() - before;
                least = Math.min(least, taken);
            }
            assertThat(least).as("bytes of three calls").isLessThan(3 * 7 * 1024);
        }
    }

    private static MemorySegment poisoned(long bytes) {
        return MemorySegment.ofArray(new byte[(int) bytes]).fill((byte) 0x5a);
    }

    private static void assertSame(float[] expected, MemorySegment floats, MemorySegment bits) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(floats.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i)).isEqualTo(expected[i]);
            assertThat(bits.get(Bfloat16.LAYOUT, 2L * i))
                    .isEqualTo(Bfloat16.fromFloat(expected[i]));
        }
        assertThat(floats.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * expected.length))
                .isEqualTo(0x5a5a5a5a);
        assertThat(bits.get(ValueLayout.JAVA_INT_UNALIGNED, 2L * expected.length))
                .isEqualTo(0x5a5a5a5a);
    }

    @Test
    void refusesRowsOutsideAndDestinationsTooSmall() {
        Q4nxTensor tensor = tensor(32, 40);
        assertThatThrownBy(() -> Q4nxDecoder.decodeRows(tensor, 30, 3, new float[120]))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Q4nxDecoder.decodeRows(tensor, -1, 1, new float[40]))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Q4nxDecoder.decodeRows(tensor, 0, 2, new float[79]))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Q4nxDecoder.decodeBlock(tensor, 0, 1, new float[8192]))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Q4nxDecoder.decode(tensor, poisoned(4 * 32 * 40 - 1)))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Q4nxDecoder.decodeToBfloat16(tensor, poisoned(2 * 32 * 40 - 1)))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(
                        () -> Q4nxDecoder.decodeBlockToBfloat16(tensor, 0, 0, poisoned(2 * 8191)))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static Q4nxTensor tensor(int rows, int columns) {
        Random random = new Random(rows * 7919L + columns);
        byte[] data = new byte[(int) Q4nxFormat.byteLength(rows, columns)];
        int strip = data.length / (rows / 32);
        byte[] blocks = new byte[strip];
        float[] weights = new float[32 * columns];
        for (int i = 0; i < rows / 32; i++) {
            for (int j = 0; j < weights.length; j++) {
                weights[j] = (float) random.nextGaussian();
            }
            new Q4nxEncoder(Encoding.MINMAX).encode(weights, columns, blocks);
            System.arraycopy(blocks, 0, data, i * strip, strip);
        }
        return new Q4nxTensor("random", rows, columns, MemorySegment.ofArray(data));
    }
}
