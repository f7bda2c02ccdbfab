package io.djlnpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.simd.SimdProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class GreatestRowTest {

    private static int greatest(SimdProvider simd, float... product) {
        MemorySegment rows = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, product);
        GreatestRow greatest = new GreatestRow(simd, rows, (int) (rows.byteSize() / 4));
        greatest.begin(2);
        int half = product.length / 2;
        for (int row = 0; row < product.length; row += 2) {
            greatest.take(row / half, row, 2);
        }
        return greatest.row();
    }

    @Test
    void isTheFirstOfTheGreatest() {
        for (SimdProvider simd : List.of(SimdProvider.scalar(), SimdProvider.best())) {
            assertThat(greatest(simd, 1, 5, 2, 5, 5, 3, 0, 4)).isEqualTo(1);
            assertThat(greatest(simd, 1, 5, 2, 5, 5, 3, 0, 6)).isEqualTo(7);
        }
    }

    /** A head's rows are filled up to whole blocks; no such row stands for a token. */
    @Test
    void paddingIsNeverChosen() {
        MemorySegment rows =
                Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, -3, -1, -2, 0, 0, 0);
        for (SimdProvider simd : List.of(SimdProvider.scalar(), SimdProvider.best())) {
            GreatestRow greatest = new GreatestRow(simd, rows, 3);
            greatest.begin(3);
            for (int share = 0; share < 3; share++) {
                greatest.take(share, 2 * share, 2);
            }
            assertThat(greatest.row()).isEqualTo(1);
        }
    }

    @Test
    void whatIsNoNumberGivesWayToWhatIs() {
        float nan = Float.NaN;
        for (SimdProvider simd : List.of(SimdProvider.scalar(), SimdProvider.best())) {
            assertThat(greatest(simd, nan, nan, 2, 1, 0, 1, 3, 1)).isEqualTo(6);
            assertThat(greatest(simd, nan, nan, nan, nan, -5, -6, -7, -8)).isEqualTo(4);
        }
    }
}
