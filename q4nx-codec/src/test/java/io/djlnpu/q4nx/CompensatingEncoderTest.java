package io.djlnpu.q4nx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Compensation on inputs whose columns depend on each other. */
class CompensatingEncoderTest {

    /** The last group is not full. */
    private static final int COLUMNS = 208;

    private static final int GROUPS = 7;
    private static final int ROWS = 64;
    private static final Random RANDOM = new Random(11);

    private static float[] weights;
    private static float[] meanSquares;
    private static QuadraticForm form;

    @BeforeAll
    static void inputs() {
        float[][] mix = new float[24][];
        Arrays.setAll(mix, i -> gaussian(COLUMNS, 1));
        float[][] rows = new float[1000][];
        for (int t = 0; t < rows.length; t++) {
            rows[t] = gaussian(COLUMNS, 0.5f);
            for (float[] direction : mix) {
                Rows.one(rows[t], COLUMNS, (float) RANDOM.nextGaussian(), direction);
            }
        }
        InputProducts products = new InputProducts(COLUMNS);
        for (int share = 0; share < 3; share++) {
            products.add(rows, 0, share, 3);
        }
        form = products.form();
        meanSquares = new float[COLUMNS];
        for (float[] row : rows) {
            for (int i = 0; i < COLUMNS; i++) {
                meanSquares[i] += row[i] * row[i];
            }
        }
        weights = gaussian(ROWS * COLUMNS, 0.02f);
    }

    private static float[] gaussian(int length, float deviation) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) RANDOM.nextGaussian() * deviation;
        }
        return values;
    }

    @Test
    void theFactorsAreTheForm() {
        float[] errors = gaussian(COLUMNS, 1);
        double sum = 0;
        for (int k = 0; k < COLUMNS; k++) {
            double compensated = errors[k];
            for (int j = 0; j < k; j++) {
                compensated += (double) errors[j] * form.feedback[k][j];
            }
            sum += compensated * compensated * form.cost[k];
        }
        double cost = form.costOf(errors);
        assertThat(sum).isCloseTo(cost, within(1e-4 * cost));
    }

    @Test
    void halvesWhatTheWeightedSearchCosts() {
        byte[] blocks = new byte[(int) Q4nxFormat.byteLength(32, COLUMNS)];
        float[] decoded = new float[32 * COLUMNS];
        double searched = 0;
        for (int row = 0; row < ROWS; row += 32) {
            float[] strip = Arrays.copyOfRange(weights, row * COLUMNS, (row + 32) * COLUMNS);
            new Q4nxEncoder(Encoding.SEARCH).encode(strip, COLUMNS, meanSquares, blocks);
            Q4nxDecoder.decodeRows(
                    new Q4nxTensor("w", 32, COLUMNS, MemorySegment.ofArray(blocks)),
                    0,
                    32,
                    decoded);
            searched += cost(strip, decoded);
        }
        double greedy = cost(weights, encode(weights, 0));
        double descended = cost(weights, encode(weights, 3));
        assertThat(greedy).isLessThan(0.5 * searched);
        assertThat(descended).isLessThan(greedy);
    }

    @Test
    void keepsWeightsThatLieOnAGrid() {
        float[] onGrid = new float[ROWS * COLUMNS];
        for (int i = 0; i < onGrid.length; i++) {
            onGrid[i] = 0.0123f * (RANDOM.nextInt(16) - 8);
        }
        float[] decoded = encode(onGrid, 2);
        for (int i = 0; i < onGrid.length; i++) {
            assertThat(decoded[i]).isCloseTo(onGrid[i], within(0.1f * 0.0123f));
        }
    }

    @Test
    void aTextThatShowsNothingCostsPlainSquares() {
        QuadraticForm plain = new InputProducts(3).form();
        assertThat(plain.costOf(new float[] {1, 2, 3})).isCloseTo(14, within(1e-5));
    }

    @Test
    void refusesInputsThatAreNoNumbers() {
        InputProducts products = new InputProducts(2);
        products.add(new float[][] {{Float.NaN, 1}}, 0, 0, 1);
        assertThatThrownBy(products::form).isInstanceOf(IllegalArgumentException.class);
    }

    private static double cost(float[] expected, float[] found) {
        double cost = 0;
        float[] errors = new float[COLUMNS];
        for (int at = 0; at < expected.length; at += COLUMNS) {
            for (int c = 0; c < COLUMNS; c++) {
                errors[c] = expected[at + c] - found[at + c];
            }
            cost += form.costOf(errors);
        }
        return cost;
    }

    private static float[] encode(float[] values, int sweeps) {
        byte[] codes = new byte[values.length];
        float[] scales = new float[ROWS * GROUPS];
        float[] mins = new float[scales.length];
        new CompensatingEncoder(form, sweeps).encode(ROWS, values, codes, scales, mins);
        float[] decoded = new float[values.length];
        for (int i = 0; i < decoded.length; i++) {
            int pair = i / COLUMNS * GROUPS + i % COLUMNS / 32;
            decoded[i] = scales[pair] * codes[i] + mins[pair];
        }
        return decoded;
    }
}
