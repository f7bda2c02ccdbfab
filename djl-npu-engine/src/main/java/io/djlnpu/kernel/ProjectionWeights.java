package io.djlnpu.kernel;

import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.Q4nxTensor;
import io.djlnpu.simd.MatrixVector;
import io.djlnpu.simd.PackedUnits;
import io.djlnpu.simd.Panels;
import io.djlnpu.simd.SimdProvider;
import java.lang.foreign.MemorySegment;

/**
 * A projection's weights as kernels see them: Q4NX where it lies in the memory map, and from some
 * moment on the same weights packed for the host's inner loops. Both give the same bits, so the
 * moment does not matter.
 *
 * <p><b>Shape</b>: {@code [rows, columns]} = {@code [outputs, inputs]}; rows come in blocks of 32.
 */
public final class ProjectionWeights implements Projection {

    private final Q4nxTensor mapped;
    private final int across;
    private volatile MemorySegment packed;

    /**
     * Takes weights where they lie.
     *
     * @param mapped the Q4NX matrix
     */
    public ProjectionWeights(Q4nxTensor mapped) {
        this.mapped = mapped;
        across = PackedUnits.unitsAcross(mapped.columns());
    }

    @Override
    public int rows() {
        return mapped.rows();
    }

    @Override
    public int columns() {
        return mapped.columns();
    }

    @Override
    public String name() {
        return mapped.name();
    }

    /**
     * Returns where the weights lie in the map.
     *
     * @return the Q4NX blocks
     */
    public MemorySegment mapped() {
        return mapped.data();
    }

    /**
     * Returns the bytes that {@link #pack} needs.
     *
     * @return bytes, slack included, a multiple of 64
     */
    public long packedBytes() {
        return (long) rowBlocks() * rowBytes() + PackedUnits.SLACK_BYTES;
    }

    /**
     * Packs some rows; the weights are used from the map until {@link #use} is called.
     *
     * @param firstBlock first block of 32 rows
     * @param count how many blocks of rows
     * @param target receives the units of all rows, {@link #packedBytes} long
     */
    public void pack(int firstBlock, int count, MemorySegment target) {
        for (int block = firstBlock; block < firstBlock + count; block++) {
            for (int b = 0; b < mapped.columnBlocks(); b++) {
                PackedUnits.pack(
                        mapped.data(),
                        mapped.blockOffset(block, b),
                        unitsIn(b),
                        target,
                        block * rowBytes()
                                + (long) b * Panels.COLUMNS / 32 * PackedUnits.UNIT_BYTES);
            }
        }
    }

    /**
     * Lets kernels use packed weights from now on.
     *
     * @param units as {@link #pack} wrote them for all rows
     */
    public void use(MemorySegment units) {
        packed = units;
    }

    /**
     * Tells which weights kernels use.
     *
     * @return true if packed
     */
    public boolean isPacked() {
        return packed != null;
    }

    /**
     * Multiplies blocks of rows with a vector.
     *
     * @param simd inner loops
     * @param firstBlock first block of 32 rows
     * @param count how many
     * @param prepared the vector, as {@link MatrixVector#prepare} wrote it
     * @param y receives {@code 32 * count} floats
     * @param yIndex index of the first
     * @param scratch of this thread's own
     */
    public void multiply(
            SimdProvider simd,
            int firstBlock,
            int count,
            MemorySegment prepared,
            MemorySegment y,
            long yIndex,
            MemorySegment scratch) {
        MemorySegment units = packed;
        if (units == null) {
            multiplyMapped(simd, firstBlock, count, prepared, y, yIndex, scratch);
        } else {
            multiplyPacked(simd, units, firstBlock, count, prepared, y, yIndex, scratch);
        }
    }

    /** Products by fours from packed weights; see {@link MatrixVector#multiplyPackedFours}. */
    void multiplyFours(
            SimdProvider simd,
            int firstBlock,
            int count,
            MemorySegment batch,
            int fours,
            MemorySegment[] products,
            MemorySegment scratch) {
        simd.matrixVector()
                .multiplyPackedFours(
                        packed,
                        firstBlock * rowBytes(),
                        count,
                        across,
                        mapped.paddedColumns(),
                        batch,
                        fours,
                        products,
                        (long) firstBlock * Q4nxFormat.BLOCK_ROWS,
                        scratch);
    }

    void multiplyMapped(
            SimdProvider simd,
            int firstBlock,
            int count,
            MemorySegment prepared,
            MemorySegment y,
            long yIndex,
            MemorySegment scratch) {
        simd.matrixVector()
                .multiply(
                        mapped.data(),
                        mapped.blockOffset(firstBlock, 0),
                        count,
                        mapped.columnBlocks(),
                        prepared,
                        y,
                        yIndex,
                        scratch);
    }

    void multiplyPacked(
            SimdProvider simd,
            MemorySegment units,
            int firstBlock,
            int count,
            MemorySegment prepared,
            MemorySegment y,
            long yIndex,
            MemorySegment scratch) {
        simd.matrixVector()
                .multiplyPacked(
                        units,
                        firstBlock * rowBytes(),
                        count,
                        across,
                        mapped.paddedColumns(),
                        prepared,
                        y,
                        yIndex,
                        scratch);
    }

    @Override
    public int expand(
            SimdProvider simd,
            int rowBlock,
            int columnBlock,
            boolean narrow,
            MemorySegment panel,
            MemorySegment scratch) {
        int units = unitsIn(columnBlock);
        MemorySegment source = packed;
        long offset = 0;
        if (source == null) {
            source = scratch;
            long block = mapped.blockOffset(rowBlock, columnBlock);
            PackedUnits.pack(mapped.data(), block, units, scratch, 0);
        } else {
            offset =
                    rowBlock * rowBytes()
                            + (long) columnBlock * Panels.COLUMNS / 32 * PackedUnits.UNIT_BYTES;
        }
        simd.panels().dequantize(source, offset, units, panel, narrow);
        return units * Q4nxFormat.GROUP_COLUMNS;
    }

    @Override
    public int rowBlocks() {
        return mapped.rowBlocks();
    }

    @Override
    public int columnBlocks() {
        return mapped.columnBlocks();
    }

    @Override
    public int paddedColumns() {
        return mapped.paddedColumns();
    }

    private long rowBytes() {
        return (long) across * PackedUnits.UNIT_BYTES;
    }

    private int unitsIn(int columnBlock) {
        return Math.min(Q4nxFormat.BLOCK_GROUPS, across - columnBlock * Q4nxFormat.BLOCK_GROUPS);
    }
}
