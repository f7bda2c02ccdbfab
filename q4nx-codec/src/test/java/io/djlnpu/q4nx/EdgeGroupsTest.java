package io.djlnpu.q4nx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.djlnpu.testing.Fixtures;
import io.djlnpu.testing.LlamaQuantizer;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Hand-made groups, and what the converter made of each. */
class EdgeGroupsTest {

    private static final int COLUMNS = 32;

    static Stream<Arguments> groups() throws Exception {
        JsonObject groups =
                Fixtures.json(Fixtures.golden("edge-results.json")).getAsJsonObject("groups");
        return groups.entrySet().stream()
                .map(Map.Entry::getKey)
                .map(name -> Arguments.of(name, groups.getAsJsonObject(name)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("groups")
    void minmaxIsTheConverters(String name, JsonObject group) {
        byte[] blocks = new byte[Q4nxFormat.BLOCK_BYTES];
        new Q4nxEncoder(Encoding.MINMAX).encode(strip(group), COLUMNS, blocks);
        check(blocks, group.getAsJsonObject("edge-f32-requant"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("groups")
    void carryingOverIsTheConverters(String name, JsonObject group) {
        LlamaQuantizer q4 = new LlamaQuantizer(15);
        q4.quantize(strip(group), 0);
        byte[] codes = new byte[32 * COLUMNS];
        System.arraycopy(q4.codes, 0, codes, 0, COLUMNS);
        float[] scales = new float[32];
        float[] mins = new float[32];
        scales[0] = q4.scale;
        mins[0] = q4.min;
        byte[] blocks = new byte[Q4nxFormat.BLOCK_BYTES];
        new Q4nxEncoder(Encoding.MINMAX).carryOver(codes, scales, mins, COLUMNS, blocks);
        check(blocks, group.getAsJsonObject("edge-q4_1"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("groups")
    void searchIsNeverWorse(String name, JsonObject group) {
        float[] weights = strip(group);
        assertThat(error(weights, Encoding.SEARCH))
                .isLessThanOrEqualTo(error(weights, Encoding.MINMAX));
    }

    private static double error(float[] weights, Encoding encoding) {
        byte[] blocks = new byte[Q4nxFormat.BLOCK_BYTES];
        new Q4nxEncoder(encoding).encode(weights, COLUMNS, blocks);
        float[] decoded = new float[COLUMNS];
        Q4nxDecoder.decodeRows(tensor(blocks), 0, 1, decoded);
        return IntStream.range(0, COLUMNS)
                .mapToDouble(i -> Math.pow((double) decoded[i] - weights[i], 2))
                .sum();
    }

    private static float[] strip(JsonObject group) {
        float[] weights = new float[32 * COLUMNS];
        JsonArray source = group.getAsJsonArray("source_f32");
        for (int i = 0; i < COLUMNS; i++) {
            // parsed as a double, so that -0.0 stays negative
            weights[i] = (float) source.get(i).getAsDouble();
        }
        return weights;
    }

    private static void check(byte[] blocks, JsonObject expected) {
        byte[] codes = new byte[COLUMNS];
        float[] scale = new float[1];
        float[] min = new float[1];
        Q4nxDecoder.unpackRows(tensor(blocks), 0, 1, codes, scale, min);
        assertThat(bits(scale[0])).isEqualTo(expected.get("scale_bf16").getAsString());
        assertThat(bits(min[0])).isEqualTo(expected.get("min_bf16").getAsString());
        JsonArray expectedCodes = expected.getAsJsonArray("codes");
        for (int i = 0; i < COLUMNS; i++) {
            assertThat((int) codes[i]).as("code " + i).isEqualTo(expectedCodes.get(i).getAsInt());
        }
    }

    private static String bits(float value) {
        return "%04x".formatted(Float.floatToRawIntBits(value) >>> 16);
    }

    private static Q4nxTensor tensor(byte[] blocks) {
        return new Q4nxTensor("edge", 32, COLUMNS, MemorySegment.ofArray(blocks));
    }
}
