package io.djlnpu.tile;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.tile.NpuDevice.Parameter;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DealTest {

    private static final NpuDevice DEVICE = NpuDevice.KRACKAN;

    private static IntStream units(TileShare share) {
        return IntStream.iterate(share.first(), u -> u < share.end(), u -> u + share.stride());
    }

    private static BitSet owned(List<TileShare> shares) {
        BitSet owned = new BitSet();
        for (TileShare share : shares) {
            assertThat(share.units()).isPositive().isEqualTo((int) units(share).count());
            units(share)
                    .forEach(
                            unit -> {
                                assertThat(owned.get(unit)).as("unit " + unit).isFalse();
                                owned.set(unit);
                            });
        }
        assertThat(shares.stream().map(TileShare::tile)).doesNotHaveDuplicates();
        return owned;
    }

    @ParameterizedTest
    @CsvSource({"1,1", "7,3", "9,4", "64,5", "100,81"})
    void aGridIsDealtOverColumnsAndRows(int wide, int high) {
        List<TileShare> shares = Deal.grid(DEVICE, wide, high);
        assertThat(owned(shares).cardinality()).isEqualTo(wide * high);
        int most = Math.ceilDiv(wide, DEVICE.columns()) * Math.ceilDiv(high, DEVICE.computeRows());
        assertThat(shares.stream().mapToInt(TileShare::units).max()).hasValue(most);
        assertThat(shares)
                .hasSize(Math.min(wide, DEVICE.columns()) * Math.min(high, DEVICE.computeRows()));
    }

    @ParameterizedTest
    @CsvSource({"1,512", "3,128", "4,100", "8,77", "10,64", "16,1", "16,33"})
    void aColumnOfPairsWorksOnOneStreamAtATime(int streams, int units) {
        int pairs = DEVICE.pairsPerColumn();
        List<TileShare> shares = Deal.pairs(DEVICE, streams, units);
        assertThat(owned(shares).cardinality()).isEqualTo(streams * units);
        int[] taken = new int[streams];
        for (TileShare share : shares) {
            int pair = (share.tile().row() - NpuDevice.FIRST_COMPUTE_ROW) / 2;
            assertThat(share.stride()).isEqualTo(DEVICE.columns() * pairs);
            units(share)
                    .forEach(
                            unit -> {
                                int turn = unit / pairs;
                                assertThat(turn % DEVICE.columns())
                                        .isEqualTo(share.tile().column());
                                assertThat(unit % pairs).isEqualTo(pair);
                                taken[turn % streams]++;
                            });
        }
        // the pairs of a column are at the same turn together, and a turn is one stream's
        assertThat(taken).containsOnly(units);
    }

    /** A causal block of queries sees as many keys as come before it. */
    @ParameterizedTest
    @CsvSource({"1,4096", "2,4096", "4,4096", "8,4096", "8,32768", "16,4096", "10,4096"})
    void latePairsSeeNoMoreKeysThanEarlyOnes(int kvHeads, int tokens) {
        int group = 2;
        int rows = 16;
        int pairs = DEVICE.pairsPerColumn();
        double[] keys =
                Deal.pairs(DEVICE, kvHeads, group * tokens / rows).stream()
                        .mapToDouble(
                                share ->
                                        units(share)
                                                .map(u -> u / pairs / kvHeads * pairs + u % pairs)
                                                .mapToDouble(unit -> unit / group + 0.5)
                                                .sum())
                        .toArray();
        assertThat(keys).hasSize(DEVICE.columns() * pairs);
        double mean = java.util.Arrays.stream(keys).average().orElseThrow();
        assertThat(java.util.Arrays.stream(keys).max().orElseThrow() / mean).isLessThan(1.05);
    }

    @Test
    void contiguousSharesDifferByOneUnit() {
        for (int units : new int[] {1, 31, 32, 33, 100}) {
            List<TileShare> shares = Deal.contiguous(DEVICE, units);
            assertThat(owned(shares).cardinality()).isEqualTo(units);
            assertThat(shares.stream().mapToInt(TileShare::units).max().orElseThrow())
                    .isEqualTo(Math.ceilDiv(units, 32));
        }
        assertThat(Deal.spread(DEVICE.with(Parameter.COLUMNS, 12), 4, 4))
                .extracting(share -> share.tile().column())
                .containsExactly(0, 3, 6, 9);
    }
}
