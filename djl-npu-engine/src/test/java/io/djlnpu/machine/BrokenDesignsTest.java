package io.djlnpu.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.aie2p.DequantBlock;
import io.djlnpu.tile.ComputeTile;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.NpuDevice.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the machine says of designs that are wrong. */
class BrokenDesignsTest {

    private static final NpuDevice DEVICE = NpuDevice.KRACKAN;

    /** Copies objects through a core, which may forget to hand its slot back. */
    private record Copy(Region source, Region target, boolean forgets) implements KernelDesign {

        @Override
        public String name() {
            return "Copy";
        }

        @Override
        public String remedy() {
            return "copy less";
        }

        @Override
        public void layOut(TileArray array, HostSequence host) {
            ComputeTile tile = new ComputeTile(3, 2);
            FifoEnd in = array.end(tile, "in", 2, 64);
            FifoEnd out = array.end(tile, "out", 2, 64);
            int objects = source.bytes() / 64;
            DmaChannel reader = array.reader(3, "in");
            DmaChannel into = array.channel(tile, false, "in");
            into.then(objects, List.of(new DmaChannel.Visit(in, 1, 1)));
            array.connect(reader, List.of(into));
            DmaChannel outOf = array.channel(tile, true, "out");
            outOf.then(objects, List.of(new DmaChannel.Visit(out, 1, 1)));
            DmaChannel writer = array.writer(3, "out");
            array.connect(outOf, List.of(writer));
            host.push(reader, source, Tap.linear(0, source.bytes()));
            host.push(writer, target, Tap.linear(0, target.bytes()));
            host.await(writer);
            Op copy =
                    Op.call(
                            () -> {
                                out.slot(true).put(0, in.slot(false).get(0, 64), 0, 64);
                                return 1;
                            });
            Op free = forgets ? Op.call(() -> 0) : Op.free(in);
            array.worker(
                    tile,
                    "copy",
                    List.of(Op.repeat(objects, Op.get(in), Op.room(out), copy, free, Op.put(out))));
        }
    }

    @Test
    void aForgottenReleaseIsReportedAsADeadlock() {
        Region source = Samples.ddr("source", new Samples(1).bf16(32 * 5));
        Region target = Memory.ddr("target", 64 * 5);
        KernelRun.of(DEVICE, new Copy(source, target, false));
        assertThat(Samples.content(target)).isEqualTo(Samples.content(source));
        assertThatThrownBy(() -> KernelRun.of(DEVICE, new Copy(source, target, true)))
                .isInstanceOf(DeadlockException.class)
                .hasMessageContaining("worker Copy.copy at core (3,2) waits for lock")
                .hasMessageContaining("in at core (3,2).full (value 0) of fifo in at core (3,2)")
                .hasMessageContaining("DMA in, into core (3,2)")
                .hasMessageContaining(
                        "in at core (3,2).empty (value 0) of fifo in at core (3,2), which"
                                + " Copy.copy at core (3,2) would release")
                .hasMessageContaining("since cycle");
    }

    @Test
    void aTapShiftedByARowReadsPoison() {
        Region cache = Memory.ddr("cache", 64 * 128);
        byte[] rows = Samples.bytes(new Samples(1).bf16(20 * 64));
        cache.put(0, rows, 0, rows.length);
        Region query = Samples.ddr("query", new Samples(2).bf16(64));
        Region result = Memory.ddr("result", 128);
        KernelRun.of(DEVICE, new FlowKvDesign(query, cache, cache, result, 1, 64, 0, 20));
        assertThatThrownBy(
                        () ->
                                KernelRun.of(
                                        DEVICE,
                                        new FlowKvDesign(
                                                query, cache, cache, result, 1, 64, 1, 21)))
                .isInstanceOf(PoisonException.class)
                .hasMessageContaining("byte 2560 of cache")
                .hasMessageContaining("nothing wrote it");
    }

    @Test
    void aSlotThatWasHandedBackIsPoison() {
        Machine machine = new Machine(DEVICE);
        TileArray array = new TileArray(machine, "Test", "");
        FifoEnd end = array.end(new ComputeTile(0, 2), "in", 1, 64);
        end.slot(true).put(0, new byte[64], 0, 64);
        end.release(true);
        Region slot = end.slot(false);
        assertThat(slot.get(0, 64)).hasSize(64);
        end.release(false);
        assertThatThrownBy(() -> slot.get(0, 2)).isInstanceOf(PoisonException.class);
    }

    @Test
    void whatDoesNotFitIsRefusedWithWhatMendsIt() {
        NpuDevice small = DEVICE.with(Parameter.L1, 32 << 10);
        Region activations = Samples.ddr("a", new Samples(1).bf16(64 * 256));
        Region weights = Memory.ddr("w", new byte[DequantBlock.BYTES]);
        Region result = Memory.ddr("c", 64 * 32 * 2);
        KernelDesign design = new TiledMatmulDesign(activations, weights, result, 256, 64, 32);
        KernelRun run = KernelRun.of(DEVICE, design);
        assertThat(run.memoryMaps()).contains("core (0,2)", "activations", "of 65536 bytes");
        long over = run.l1Bytes() - small.geometry().l1Bytes();
        assertThatThrownBy(() -> KernelRun.of(small, design))
                .isInstanceOf(DesignException.class)
                .hasMessageContaining("TiledMatmul needs " + run.l1Bytes() + " bytes of L1")
                .hasMessageContaining(over + " more than krackan has")
                .hasMessageContaining("lower the megatile's m or n");
    }

    @Test
    void noDescriptorWalksWhatTheCircuitCannot() {
        assertThat(Tap.rows(0, 1024, 64, 32).misfit(3)).contains("1024");
        assertThat(Tap.rows(0, 10, 64, 30).misfit(3)).contains("4 bytes");
        assertThat(new Tap(0, new int[3], new int[3], 4).misfit(3)).contains("4 dimensions");
        assertThat(Tap.rows(0, 1023, 64, 32).misfit(3)).isNull();
    }
}
