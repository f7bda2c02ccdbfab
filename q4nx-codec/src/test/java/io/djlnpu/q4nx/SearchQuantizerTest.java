package io.djlnpu.q4nx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The search with and without importance, over widths that fill no group and no block. */
class SearchQuantizerTest {

    /** Of the search as it was before it knew importance: bundles stay what they are. */
    private static final String PLAIN_BYTES =
            "e8c0c90024b7baf7d7c5d9348a9a289b16b0fadbfa815f005472c1c99cc20263";

    @Test
    void withoutImportanceEveryByteIsAsEver() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int columns : new int[] {96, 640, 1000}) {
            digest.update(encode(weights(columns), columns, null));
        }
        assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(PLAIN_BYTES);
    }

    @ParameterizedTest
    @CsvSource({"96, 0.97", "640, 0.97", "1000, 0.97", "33, 1", "1, 1"})
    void theWeightedErrorFalls(int columns, double atMost) {
        float[] weights = weights(columns);
        float[] importance = skewed(columns);
        double plain = error(weights, importance, encode(weights, columns, null));
        double weighted = error(weights, importance, encode(weights, columns, importance));
        assertThat(weighted).isLessThanOrEqualTo(plain * atMost);
    }

    @Test
    void noGroupIsWorseThanTheConverterByItsOwnMeasure() {
        int columns = 256;
        float[] weights = weights(columns);
        float[] importance = skewed(columns);
        byte[] converter = new byte[Q4nxFormat.BLOCK_BYTES];
        new Q4nxEncoder(Encoding.MINMAX).encode(weights, columns, converter);
        byte[] search = encode(weights, columns, importance);
        for (int group = 0; group < columns; group += 32) {
            float[] only = new float[columns];
            System.arraycopy(importance, group, only, group, 32);
            assertThat(error(weights, only, search))
                    .isLessThanOrEqualTo(error(weights, only, converter));
        }
    }

    @Test
    void theUnitOfAnImportanceDoesNotMatter() {
        float[] weights = weights(640);
        float[] importance = skewed(640);
        float[] scaled = importance.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= 1024;
        }
        assertThat(encode(weights, 640, scaled)).isEqualTo(encode(weights, 640, importance));
    }

    @Test
    void deadColumnsCountNextToNothingAndDeadGroupsAllTheSame() {
        float[] weights = weights(256);
        float[] importance = new float[256];
        importance[5] = 1e-30f;
        byte[] blocks = encode(weights, 256, importance);
        float[] hot = new float[256];
        hot[5] = 1;
        byte[] plainBlocks = encode(weights, 256, null);
        assertThat(error(weights, hot, blocks)).isLessThan(0.05 * error(weights, hot, plainBlocks));
        float[] behind = new float[256];
        Arrays.fill(behind, 32, 256, 1);
        double plain = error(weights, behind, plainBlocks);
        assertThat(error(weights, behind, blocks)).isLessThan(plain * 1.001);
    }

    @Test
    void minmaxIsTheConvertersWhateverTheImportance() {
        float[] weights = weights(640);
        byte[] plain = new byte[(int) Q4nxFormat.byteLength(32, 640)];
        byte[] weighted = plain.clone();
        new Q4nxEncoder(Encoding.MINMAX).encode(weights, 640, plain);
        new Q4nxEncoder(Encoding.MINMAX).encode(weights, 640, skewed(640), weighted);
        assertThat(weighted).isEqualTo(plain);
    }

    @Test
    void anImportanceOfTooFewColumnsIsRefused() {
        float[] weights = weights(96);
        assertThatThrownBy(() -> encode(weights, 96, new float[95]))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** Outliers among small weights, as the pinned bytes were made from. */
    private static float[] weights(int columns) {
        Random random = new Random(columns);
        float[] weights = new float[32 * columns];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian() * (i % 7 == 0 ? 0.3f : 0.02f);
        }
        return weights;
    }

    private static float[] skewed(int columns) {
        Random random = new Random(7);
        float[] importance = new float[columns];
        for (int i = 0; i < columns; i++) {
            importance[i] = (float) Math.exp(1.5 * random.nextGaussian());
        }
        return importance;
    }

    private static byte[] encode(float[] weights, int columns, float[] importance) {
        byte[] blocks = new byte[(int) Q4nxFormat.byteLength(32, columns)];
        new Q4nxEncoder(Encoding.SEARCH).encode(weights, columns, importance, blocks);
        return blocks;
    }

    private static float[] decode(byte[] blocks, int columns) {
        float[] decoded = new float[32 * columns];
        MemorySegment data = MemorySegment.ofArray(blocks);
        Q4nxDecoder.decodeRows(new Q4nxTensor("w", 32, columns, data), 0, 32, decoded);
        return decoded;
    }

    private static double error(float[] weights, float[] importance, byte[] blocks) {
        int columns = importance.length;
        float[] decoded = decode(blocks, columns);
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            double difference = (double) decoded[i] - weights[i];
            sum += importance[i % columns] * difference * difference;
        }
        return Math.sqrt(sum);
    }
}
