package io.djlnpu.machine;

import java.util.List;

/**
 * A circuit through the stream switches from one DMA channel to one or several, which all get the
 * same bytes. An object, or the part of it that the other side has room for, moves at once.
 */
final class DataStream {

    private final Machine machine;
    private final DmaChannel from;
    private final List<DmaChannel> to;
    private final double bytesPerCycle;
    private final Rail column;
    private boolean busy;

    DataStream(Machine machine, DmaChannel from, List<DmaChannel> to, Rail column) {
        this.machine = machine;
        this.from = from;
        this.to = List.copyOf(to);
        this.column = column;
        bytesPerCycle = machine.device().stream().value() / machine.device().core().clock().value();
        from.connect(this);
        to.forEach(channel -> channel.connect(this));
    }

    void tryStart() {
        if (busy || !from.isReady() || !to.stream().allMatch(DmaChannel::isReady)) {
            return;
        }
        busy = true;
        int bytes = from.remaining();
        for (DmaChannel channel : to) {
            bytes = Math.min(bytes, channel.remaining());
        }
        int moved = bytes;
        double now = machine.cycle();
        double end = now + moved / bytesPerCycle;
        if (column != null) {
            end = Math.max(end, column.take(now, moved));
            end = Math.max(end, machine.ddr().take(now, moved));
        }
        machine.at(end, () -> finish(moved));
    }

    private void finish(int bytes) {
        byte[] data = from.read(bytes);
        machine.traffic().leave(from.memory(), bytes);
        from.move(bytes);
        boolean last = from.endsObject();
        for (DmaChannel channel : to) {
            channel.write(data);
            machine.traffic().enter(channel.memory(), bytes);
            channel.move(bytes);
        }
        busy = false;
        // what a shim's last descriptor has no room for is dropped
        boolean full = to.stream().anyMatch(DmaChannel::endsObject);
        if (from.remaining() == 0 || full && !from.isHosts()) {
            from.complete();
        }
        for (DmaChannel channel : to) {
            // a shim's last bytes end the object that they are part of
            if (channel.remaining() == 0 || last && !channel.isHosts()) {
                channel.complete();
            }
        }
        tryStart();
    }
}
