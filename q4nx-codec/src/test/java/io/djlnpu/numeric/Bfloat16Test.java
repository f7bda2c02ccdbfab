package io.djlnpu.numeric;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Bfloat16Test {

    @Test
    void everyBfloat16SurvivesThereAndBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Bfloat16.toFloat((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(Bfloat16.fromFloat(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void betweenTwoNeighboursTheNearerWinsAndTheEvenOneATie() {
        for (int bits = 0; bits < 0x7f7f; bits++) {
            int low = bits << 16;
            float tie = Float.intBitsToFloat(low | 0x8000);
            int even = bits % 2 == 0 ? bits : bits + 1;
            assertThat(Bfloat16.fromFloat(tie)).isEqualTo((short) even);
            assertThat(Bfloat16.fromFloat(Math.nextDown(tie))).isEqualTo((short) bits);
            assertThat(Bfloat16.fromFloat(Math.nextUp(tie))).isEqualTo((short) (bits + 1));
            assertThat(Bfloat16.fromFloat(-tie)).isEqualTo((short) (even | 0x8000));
        }
    }

    @Test
    void specialValuesStayWhatTheyAre() {
        assertThat(Bfloat16.round(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Bfloat16.round(Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
        for (int bits : new int[] {0x7f800001, 0x7fffffff, 0xff800001, 0x7fc00000}) {
            assertThat(Bfloat16.round(Float.intBitsToFloat(bits))).isNaN();
        }
        assertThat(Float.floatToRawIntBits(Bfloat16.round(-0f))).isEqualTo(0x80000000);
    }

    @Test
    void runsAreTheSameAsSingleValues() {
        Random random = new Random(1);
        float[] values = new float[37];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        MemorySegment bits = MemorySegment.ofArray(new byte[2 * 37 + 3]);
        Bfloat16.fromFloats(values, 1, bits, 3, 36);
        float[] back = new float[40];
        Bfloat16.toFloats(bits, 3, back, 2, 36);
        for (int i = 0; i < 36; i++) {
            assertThat(back[i + 2]).isEqualTo(Bfloat16.round(values[i + 1]));
        }
        assertThat(back[1]).isZero();
        assertThat(back[38]).isZero();
    }

    @Test
    void binary16RoundsToNearestEvenToo() {
        for (int bits = 0; bits < 0x7bff; bits++) {
            float low = Float16.toFloat((short) bits);
            float high = Float16.toFloat((short) (bits + 1));
            float tie = (low + high) / 2;
            assertThat(Float16.fromFloat(low)).isEqualTo((short) bits);
            assertThat(Float16.fromFloat(tie)).isEqualTo((short) (bits % 2 == 0 ? bits : bits + 1));
        }
        assertThat(Float16.round(65520)).isEqualTo(Float.POSITIVE_INFINITY);
    }
}
