package io.djlnpu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import io.djlnpu.ndarray.NpuNDArray;
import io.djlnpu.testing.Fixtures;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The micro model has a window of 24 keys; sequences here run past it. */
class NpuSymbolBlockTest {

    @TempDir static Path cache;
    private static ZooModel<NDList, NDList> model;
    private static int layers;

    @BeforeAll
    static void load() throws Exception {
        Path path = Fixtures.fixture("micro/onnx/genai-int4");
        System.setProperty("DJL_CACHE_DIR", cache.toString());
        model =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optModelPath(path)
                        .optEngine("NPU")
                        .optOption("numerics", "float32")
                        .optOption("threads", "2")
                        .optOption("prefillChunk", "8")
                        .build()
                        .loadModel();
        layers = NpuModel.runtime(model).model().config().layers();
    }

    @AfterAll
    static void close() {
        System.clearProperty("DJL_CACHE_DIR");
        if (model != null) {
            model.close();
        }
    }

    @Test
    void describesItself() {
        assertThat(model.describeInput().keys())
                .startsWith("input_ids", "position_ids", "attention_mask", "past_key_values.0.key");
        assertThat(model.describeOutput().keys()).startsWith("logits", "present.0.key");
        assertThat(model.describeOutput().get("logits").getLastDimension()).isPositive();
        assertThat(model.getBlock().getParameters().isEmpty()).isTrue();
        assertThat(model.getArtifactNames()).contains("model.onnx", "tokenizer.json");
    }

    @Test
    void cachesGiveTheSameAsTheWholeSequence() throws Exception {
        long[] ids = ids(60, 1);
        try (NDManager manager = NDManager.newBaseManager("NPU");
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            float[] whole = last(predictor.predict(new NDList(manager.create(row(ids)))));
            NDList out = predictor.predict(new NDList(manager.create(row(head(ids, 50)))));
            for (int i = 50; i < 60; i++) {
                NDList in = new NDList(manager.create(new long[][] {{ids[i]}}));
                in.addAll(caches(out));
                out = predictor.predict(in);
                assertThat(((NpuNDArray) out.get(1)).isPending()).isTrue();
            }
            assertClose(last(out), whole);
        }
    }

    @Test
    void cachesThatWereCopiedAreReadBack() throws Exception {
        long[] ids = ids(60, 2);
        try (NDManager manager = NDManager.newBaseManager("NPU");
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            NDList out = predictor.predict(new NDList(manager.create(row(head(ids, 40)))));
            NDList copy = out;
            for (int i = 40; i < 60; i++) {
                out = predictor.predict(step(manager, ids[i], caches(out)));
                NDList read = new NDList();
                caches(copy).forEach(array -> read.add(array.duplicate()));
                copy = predictor.predict(step(manager, ids[i], read));
                assertThat(last(copy)).isEqualTo(last(out));
            }
            for (int i = 1; i <= 2 * layers; i++) {
                assertThat(copy.get(i).toFloatArray()).isEqualTo(out.get(i).toFloatArray());
                assertThat(out.get(i).getShape().get(2)).isEqualTo(60);
            }
        }
    }

    @Test
    void anOldStateCanBeContinuedAgain() throws Exception {
        long[] ids = ids(50, 3);
        try (NDManager manager = NDManager.newBaseManager("NPU");
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            NDList start = predictor.predict(new NDList(manager.create(row(ids))));
            NDList one = predictor.predict(step(manager, 5, caches(start)));
            float[] first = last(one);
            for (int i = 0; i < 40; i++) {
                one = predictor.predict(step(manager, 7 + i, caches(one)));
            }
            assertThat(last(predictor.predict(step(manager, 5, caches(start))))).isEqualTo(first);
            float[] keys = start.get(1).toFloatArray();
            NDList again = predictor.predict(new NDList(manager.create(row(ids))));
            assertThat(keys).isEqualTo(again.get(1).toFloatArray());
        }
    }

    @Test
    void aChangedCacheCountsAsTheCallers() throws Exception {
        long[] ids = ids(12, 4);
        try (NDManager manager = NDManager.newBaseManager("NPU");
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            NDList start = predictor.predict(new NDList(manager.create(row(ids))));
            float[] before = last(predictor.predict(step(manager, 5, caches(start))));
            start.get(2).muli(0);
            assertThat(last(predictor.predict(step(manager, 5, caches(start)))))
                    .isNotEqualTo(before);
        }
    }

    @Test
    void paddedRowsAnswerAsAlone() throws Exception {
        long[] longRow = ids(30, 5);
        long[] shortRow = ids(20, 6);
        try (NDManager manager = NDManager.newBaseManager("NPU");
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            float[] alone = last(predictor.predict(new NDList(manager.create(row(shortRow)))));
            float[] next =
                    last(
                            predictor.predict(
                                    step(
                                            manager,
                                            9,
                                            caches(
                                                    predictor.predict(
                                                            new NDList(
                                                                    manager.create(
                                                                            row(shortRow))))))));
            for (boolean left : new boolean[] {true, false}) {
                long[][] ids = {longRow, new long[30]};
                long[][] mask = new long[2][30];
                Arrays.fill(mask[0], 1);
                int from = left ? 10 : 0;
                System.arraycopy(shortRow, 0, ids[1], from, 20);
                Arrays.fill(mask[1], from, from + 20, 1);
                NDArray idArray = named(manager.create(ids), "input_ids");
                NDArray maskArray = named(manager.create(mask), "attention_mask");
                NDList out = predictor.predict(new NDList(maskArray, idArray));
                assertThat(out.head().get("1, {}", from + 19).toFloatArray()).isEqualTo(alone);
                NDList in = new NDList(manager.create(new long[][] {{9}, {9}}));
                in.addAll(caches(out));
                assertThat(predictor.predict(in).head().get("1, 0").toFloatArray()).isEqualTo(next);
                NDList copied = new NDList(named(in.head().duplicate(), "input_ids"));
                long[][] longer = {Arrays.copyOf(mask[0], 31), Arrays.copyOf(mask[1], 31)};
                longer[0][30] = 1;
                longer[1][30] = 1;
                copied.add(named(manager.create(longer), "attention_mask"));
                for (int i = 0; i < 2 * layers; i++) {
                    String name = "past_key_values." + i / 2 + (i % 2 == 0 ? ".key" : ".value");
                    copied.add(named(out.get(1 + i).duplicate(), name));
                }
                assertThat(predictor.predict(copied).head().get("1, 0").toFloatArray())
                        .isEqualTo(next);
            }
        }
    }

    @Test
    void theExportersOrderIsUnderstoodToo() throws Exception {
        try (NDManager manager = NDManager.newBaseManager("NPU");
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            NDArray ids = manager.create(new long[][] {{0, 0, 2, 5, 6}});
            NDArray mask = manager.create(new long[][] {{0, 0, 1, 1, 1}});
            NDArray positions = manager.create(new long[][] {{0, 0, 0, 1, 2}});
            float[] djl = last(predictor.predict(new NDList(ids, positions, mask)));
            assertThat(last(predictor.predict(new NDList(ids, mask, positions)))).isEqualTo(djl);
            NDArray one = manager.create(new long[][] {{2}});
            NDArray place = manager.create(new long[][] {{0}});
            float[] single = last(predictor.predict(new NDList(one)));
            NDArray seen = manager.ones(new Shape(1, 1));
            assertThat(last(predictor.predict(new NDList(one, seen, place)))).isEqualTo(single);
        }
    }

    @Test
    void streamsGreedily() throws Exception {
        try (NDManager manager = NDManager.newBaseManager("NPU")) {
            NpuSymbolBlock block = (NpuSymbolBlock) model.getBlock();
            NDList prompt = new NDList(manager.create(row(ids(10, 7))));
            long[] streamed =
                    block.forwardStream(null, prompt, false)
                            .limit(20)
                            .mapToLong(out -> out.head().get(":, -1").argMax().getLong())
                            .toArray();
            long[] sequence = ids(10, 7);
            for (long expected : streamed) {
                NDList out = block.forward(null, new NDList(manager.create(row(sequence))), false);
                assertThat(out.head().get(":, -1").argMax().getLong()).isEqualTo(expected);
                sequence = Arrays.copyOf(sequence, sequence.length + 1);
                sequence[sequence.length - 1] = expected;
            }
        }
    }

    @Test
    void saysWhatIsWrongWithInputs() {
        try (NDManager manager = NDManager.newBaseManager("NPU");
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            NDArray ids = manager.create(row(ids(5, 8)));
            assertThatThrownBy(
                            () -> predictor.predict(new NDList(ids, manager.ones(new Shape(1, 4)))))
                    .isInstanceOf(TranslateException.class)
                    .hasRootCauseInstanceOf(IllegalArgumentException.class)
                    .hasStackTraceContaining("mask of shape (1, 4), expected (1, 5)");
            NDArray unknown = named(manager.create(row(ids(5, 8))), "input_ids");
            assertThatThrownBy(
                            () ->
                                    predictor.predict(
                                            new NDList(unknown, named(ids, "pixel_values"))))
                    .hasStackTraceContaining("pixel_values");
            assertThatThrownBy(
                            () ->
                                    predictor.predict(
                                            new NDList(manager.create(new long[][] {{-1}}))))
                    .hasStackTraceContaining("token -1");
        }
    }

    private static NDArray named(NDArray array, String name) {
        array.setName(name);
        return array;
    }

    private static NDList step(NDManager manager, long id, NDList caches) {
        NDList in = new NDList(manager.create(new long[][] {{id}}));
        in.addAll(caches);
        return in;
    }

    private static NDList caches(NDList out) {
        return out.subNDList(1, 1 + 2 * layers);
    }

    private static float[] last(NDList out) {
        return out.head().get("0, -1").toFloatArray();
    }

    private static long[][] row(long[] ids) {
        return new long[][] {ids};
    }

    private static long[] head(long[] ids, int count) {
        return Arrays.copyOf(ids, count);
    }

    private static long[] ids(int count, int seed) {
        Random random = new Random(seed);
        int vocabulary = NpuModel.runtime(model).model().config().vocabSize();
        return IntStream.range(0, count)
                .mapToLong(i -> i == 0 ? 2 : 10 + random.nextInt(vocabulary - 10))
                .toArray();
    }

    private static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(2e-3f));
        }
    }
}
