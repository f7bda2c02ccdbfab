package io.djlnpu.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.q4nx.Encoding;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/**
 * The largest matrix of Gemma 3 4B, 262,144 x 2560, is encoded in a process that would not get 200
 * MB of heap and direct memory together if it asked for them.
 */
class EncodingMemoryTest {

    private static final int COLUMNS = 2560;

    @Test
    void theLargestMatrixFitsBelow200Megabytes() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx96m",
                                "-XX:MaxDirectMemorySize=32m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Encode.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("minmax 419430400 bytes", "search 6553600 bytes");
        System.out.print(output);
    }

    /** All rows as the converter does, some with the search: the strips in flight are the same. */
    static final class Encode {

        private Encode() {}

        public static void main(String[] arguments) throws IOException {
            encode(Encoding.MINMAX, 262_144);
            encode(Encoding.SEARCH, 4096);
        }

        private static void encode(Encoding encoding, int rows) throws IOException {
            long[] written = {0};
            // two cores' worth, so that the figure does not depend on the machine
            try (ExecutorService workers = Executors.newFixedThreadPool(2)) {
                new MatrixPayload("m", new Waves(rows), encoding, null, workers, 8)
                        .write(bytes -> written[0] += bytes.remaining());
            }
            System.out.printf(
                    "%s %d bytes, peak of the heap %d MB, direct %d MB%n",
                    encoding.name().toLowerCase(java.util.Locale.ROOT),
                    written[0],
                    heapPeak() >> 20,
                    direct() >> 20);
        }

        private static long heapPeak() {
            return ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getType() == MemoryType.HEAP)
                    .mapToLong(pool -> pool.getPeakUsage().getUsed())
                    .sum();
        }

        private static long direct() {
            return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(pool -> pool.getName().equals("direct"))
                    .mapToLong(BufferPoolMXBean::getTotalCapacity)
                    .sum();
        }
    }

    /** Weights that cost nothing to make. */
    private record Waves(int rows) implements WeightMatrix {

        @Override
        public int columns() {
            return COLUMNS;
        }

        @Override
        public void readRows(int firstRow, int rowCount, float[] destination) {
            for (int i = 0; i < rowCount * COLUMNS; i++) {
                destination[i] = ((i * 0x9e3779b9 + firstRow) >> 8) * 1e-9f;
            }
        }
    }
}
