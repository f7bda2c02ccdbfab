package io.djlnpu.q4nx;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights that lie on a grid of 16 levels keep every level. */
class GridFitTest {

    private static final int COLUMNS = 2048;
    private static final int ROWS = 32;
    private static final int GROUPS = COLUMNS / 32;

    /** How the groups of a row use Q4_0's levels. */
    enum Use {
        NORMAL,
        ALL_POSITIVE,
        ALL_NEGATIVE,
        ZERO,
        UNUSED_TOP_CODES,
        TWO_LEVELS
    }

    /** Weights, the step of each group, and which level of it each weight is. */
    private record Grid(float[] weights, float[] steps, int[] levels) {

        static Grid symmetric(Use use, long seed) {
            Random random = new Random(seed);
            Grid grid =
                    new Grid(
                            new float[ROWS * COLUMNS],
                            new float[ROWS * GROUPS],
                            new int[ROWS * COLUMNS]);
            for (int g = 0; g < grid.steps.length; g++) {
                int sign = random.nextBoolean() ? 1 : -1;
                grid.steps[g] = (float) (0.01 * Math.exp(random.nextGaussian()));
                for (int i = 0; i < 32; i++) {
                    int normal = Math.clamp(Math.round(random.nextGaussian() * 3.5), -7, 7);
                    int level =
                            switch (use) {
                                case NORMAL -> i == 0 ? sign * 8 : normal;
                                case ALL_POSITIVE -> i == 0 ? 8 : Math.abs(normal);
                                case ALL_NEGATIVE -> i == 0 ? -8 : -Math.abs(normal);
                                case ZERO -> 0;
                                case UNUSED_TOP_CODES -> i == 0 ? -8 : Math.min(2, normal);
                                case TWO_LEVELS -> i % 2 == 0 ? -8 : 0;
                            };
                    grid.set(g, i, level, grid.steps[g] * level);
                }
            }
            return grid;
        }

        /** Levels with an offset: any, as Q4_1's, or a whole number of steps, as zero points. */
        static Grid asymmetric(boolean zeroPoints, long seed) {
            Random random = new Random(seed);
            Grid grid =
                    new Grid(
                            new float[ROWS * COLUMNS],
                            new float[ROWS * GROUPS],
                            new int[ROWS * COLUMNS]);
            for (int g = 0; g < grid.steps.length; g++) {
                float step = Bfloat16.round((float) (0.01 * Math.exp(random.nextGaussian())));
                float min =
                        zeroPoints
                                ? -step * random.nextInt(16)
                                : Bfloat16.round(
                                        (float) (-8 * step * Math.exp(random.nextGaussian() / 4)));
                grid.steps[g] = step;
                for (int i = 0; i < 32; i++) {
                    int level = i == 0 ? 0 : i == 1 && !zeroPoints ? 15 : random.nextInt(15);
                    grid.set(g, i, level, step * level + min);
                }
            }
            return grid;
        }

        private void set(int group, int i, int level, float weight) {
            int at = group / GROUPS * COLUMNS + group % GROUPS * 32 + i;
            levels[at] = level;
            weights[at] = weight;
        }

        void check(Encoding encoding, double mostError) {
            byte[] blocks = new byte[(int) Q4nxFormat.byteLength(ROWS, COLUMNS)];
            Q4nxEncoder encoder = new Q4nxEncoder(encoding);
            encoder.encode(weights, COLUMNS, blocks);
            float[] decoded = new float[weights.length];
            Q4nxDecoder.decodeRows(
                    new Q4nxTensor("w", ROWS, COLUMNS, MemorySegment.ofArray(blocks)),
                    0,
                    ROWS,
                    decoded);
            double squares = 0;
            double errors = 0;
            for (int i = 0; i < decoded.length; i++) {
                double error = decoded[i] - weights[i];
                float step = steps[i / COLUMNS * GROUPS + i % COLUMNS / 32];
                assertThat(Math.abs(error)).as("weight %d", i).isLessThan(step * 0.1);
                squares += (double) weights[i] * weights[i];
                errors += error * error;
            }
            assertThat(Math.sqrt(errors)).isLessThanOrEqualTo(mostError * Math.sqrt(squares));
        }
    }

    @ParameterizedTest
    @EnumSource(Use.class)
    void searchKeepsSymmetricGrids(Use use) {
        Grid.symmetric(use, 1).check(Encoding.SEARCH, 0.002);
    }

    @ParameterizedTest
    @EnumSource(
            value = Use.class,
            names = {"NORMAL", "ALL_POSITIVE", "ALL_NEGATIVE", "ZERO", "UNUSED_TOP_CODES"})
    void theRuleOfQ40KeepsItsOwnGrids(Use use) {
        Grid.symmetric(use, 2).check(Encoding.Q4_0, 0.002);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void searchKeepsAsymmetricGrids(boolean zeroPoints) {
        Grid.asymmetric(zeroPoints, 3).check(Encoding.SEARCH, 0.002);
    }

    @Test
    void countsWhatLiesOnAGrid() {
        Q4nxEncoder encoder = new Q4nxEncoder(Encoding.SEARCH);
        byte[] blocks = new byte[(int) Q4nxFormat.byteLength(ROWS, COLUMNS)];
        encoder.encode(Grid.symmetric(Use.NORMAL, 4).weights(), COLUMNS, blocks);
        assertThat(encoder.gridGroups()).isEqualTo(ROWS * GROUPS);
        float[] normal = new float[ROWS * COLUMNS];
        Random random = new Random(5);
        for (int i = 0; i < normal.length; i++) {
            normal[i] = (float) random.nextGaussian();
        }
        encoder.encode(normal, COLUMNS, blocks);
        assertThat(encoder.gridGroups()).isEqualTo(ROWS * GROUPS);
    }
}
