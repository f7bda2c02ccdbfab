package io.djlnpu.machine;

import io.djlnpu.tile.ComputeTile;
import io.djlnpu.tile.NpuDevice;
import java.util.ArrayList;
import java.util.List;

/**
 * A kernel that works row by row: one tile a column, rows streamed from DDR over up to two channels
 * and back. What all rows share, as a norm's weight, comes once before them over the first channel.
 *
 * @param name of the kernel
 * @param shared comes once, or null
 * @param operands one or two streams of rows
 * @param result receives a row for each of the first operand
 * @param rows of the first operand
 * @param unit rows that one tile takes together: heads of a token
 * @param cycles of a row
 * @param kernel what is done to a row
 */
record RowDesign(
        String name,
        Region shared,
        List<Operand> operands,
        Region result,
        int rows,
        int unit,
        double cycles,
        RowKernel kernel)
        implements KernelDesign {

    private static final int DEPTH = 2;

    /** Rows from DDR: one for each {@code every} rows of the first operand. */
    record Operand(String name, Region buffer, int every) {}

    /** The micro-kernel. */
    interface RowKernel {

        /** Makes a row of the result. */
        void apply(Region shared, Region first, Region second, Region result);
    }

    @Override
    public String remedy() {
        return "narrow the rows";
    }

    private int bytes(Operand operand) {
        return operand.buffer().bytes() / (rows / operand.every());
    }

    @Override
    public void layOut(TileArray array, HostSequence host) {
        int units = rows / unit;
        int columns = Math.min(array.device().columns(), units);
        for (int c = 0; c < columns; c++) {
            int first = (int) ((long) units * c / columns) * unit;
            int end = (int) ((long) units * (c + 1) / columns) * unit;
            column(array, host, c, first, end);
        }
    }

    private void column(TileArray array, HostSequence host, int column, int first, int end) {
        ComputeTile tile = new ComputeTile(column, NpuDevice.FIRST_COMPUTE_ROW);
        List<Op> before = new ArrayList<>();
        FifoEnd held = null;
        List<FifoEnd> ends = new ArrayList<>();
        for (Operand operand : operands) {
            DmaChannel reader = array.reader(column, operand.name());
            DmaChannel into = array.channel(tile, false, operand.name());
            array.connect(reader, List.of(into));
            if (ends.isEmpty() && shared != null) {
                held = array.end(tile, "shared", 1, shared.bytes());
                into.then(1, List.of(new DmaChannel.Visit(held, 1, 1)));
                host.push(reader, shared, Tap.linear(0, shared.bytes()));
                before.add(Op.get(held));
            }
            FifoEnd rowsIn = array.end(tile, operand.name(), DEPTH, bytes(operand));
            int objects = (end - first) / operand.every();
            into.then(objects, List.of(new DmaChannel.Visit(rowsIn, 1, 1)));
            int from = first / operand.every() * bytes(operand);
            host.push(reader, operand.buffer(), Tap.linear(from, objects * bytes(operand)));
            ends.add(rowsIn);
        }
        int resultBytes = result.bytes() / rows;
        FifoEnd out = array.end(tile, "result", DEPTH, resultBytes);
        DmaChannel outOf = array.channel(tile, true, "result");
        outOf.then(end - first, List.of(new DmaChannel.Visit(out, 1, 1)));
        DmaChannel writer = array.writer(column, "result");
        array.connect(outOf, List.of(writer));
        host.push(writer, result, Tap.linear(first * resultBytes, (end - first) * resultBytes));
        host.await(writer);
        before.add(program(held, ends, out, end - first));
        array.worker(tile, "rows", before);
    }

    private Op program(FifoEnd held, List<FifoEnd> ends, FifoEnd out, int count) {
        FifoEnd first = ends.getFirst();
        FifoEnd second = ends.size() > 1 ? ends.get(1) : null;
        List<Op> row = new ArrayList<>();
        row.add(Op.get(first));
        row.add(Op.room(out));
        row.add(
                Op.call(
                        () -> {
                            kernel.apply(
                                    held == null ? null : held.slot(false),
                                    first.slot(false),
                                    second == null ? null : second.slot(false),
                                    out.slot(true));
                            return cycles;
                        }));
        row.add(Op.free(first));
        row.add(Op.put(out));
        if (second == null) {
            return new Op.Repeat(count, row);
        }
        int every = operands.get(1).every();
        return Op.repeat(count / every, Op.get(second), new Op.Repeat(every, row), Op.free(second));
    }
}
