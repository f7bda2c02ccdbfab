package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.inference.Predictor;
import ai.djl.modality.nlp.generate.CausalLMOutput;
import ai.djl.modality.nlp.generate.ContrastiveSeqBatchScheduler;
import ai.djl.modality.nlp.generate.SearchConfig;
import ai.djl.modality.nlp.generate.SeqBatchScheduler;
import ai.djl.modality.nlp.generate.TextGenerator;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.DeferredTranslatorFactory;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.engine.NpuModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * DJL's example programs {@code TextGeneration} and {@code RollingBatch}, with model path and
 * engine as the only parameters, on the NPU engine and on ONNX Runtime with the same weights.
 */
class DjlExamplesIT {

    private static final int LENGTH = 48;

    @TempDir static Path folder;
    private static ZooModel<NDList, CausalLMOutput> npu;
    private static ZooModel<NDList, CausalLMOutput> onnxRuntime;
    private static final List<long[]> PROMPTS = new ArrayList<>();

    @BeforeAll
    static void load() throws Exception {
        Path source = Fixtures.require("storyteller/onnx/optimum-fp32");
        System.setProperty("DJL_CACHE_DIR", folder.resolve("cache").toString());
        npu =
                Criteria.builder()
                        .setTypes(NDList.class, CausalLMOutput.class)
                        .optModelPath(source)
                        .optEngine("NPU")
                        .optOption("numerics", "float32")
                        .optOption("threads", "2")
                        .optArgument(
                                "translatorFactory", "io.djlnpu.translate.NpuTranslatorFactory")
                        .optTranslatorFactory(new DeferredTranslatorFactory())
                        .build()
                        .loadModel();
        ModelBundle bundle = NpuModel.runtime(npu).bundle();
        Path same = Files.createDirectories(folder.resolve("same-weights"));
        DequantizedOnnx.write(source, bundle, same.resolve("model.onnx"));
        DecoderSpec config = bundle.config();
        onnxRuntime =
                Criteria.builder()
                        .setTypes(NDList.class, CausalLMOutput.class)
                        .optModelPath(same)
                        .optModelName("model.onnx")
                        .optEngine("OnnxRuntime")
                        .optTranslator(
                                new StepTranslator(
                                        config.layers(), config.kvHeads(), config.headDim()))
                        .build()
                        .loadModel();
        JsonObject reference =
                Fixtures.json(Fixtures.require("storyteller/reference/reference.json"));
        for (JsonElement prompt : reference.getAsJsonArray("prompts")) {
            int[] ids = Fixtures.ints(prompt.getAsJsonObject().get("ids"));
            if (ids.length < LENGTH - 16) {
                PROMPTS.add(Arrays.stream(ids).asLongStream().toArray());
            }
        }
        assertThat(PROMPTS).hasSizeGreaterThanOrEqualTo(3);
    }

    @AfterAll
    static void close() {
        System.clearProperty("DJL_CACHE_DIR");
        if (npu != null) {
            npu.close();
        }
        if (onnxRuntime != null) {
            onnxRuntime.close();
        }
    }

    @Test
    void greedySearchGivesTheSameTokens() throws Exception {
        for (long[] prompt : PROMPTS) {
            long[] ours = search(npu, "NPU", "greedy", prompt);
            assertThat(ours).hasSize(LENGTH).startsWith(prompt);
            assertThat(ours).isEqualTo(search(onnxRuntime, "PyTorch", "greedy", prompt));
        }
    }

    @Test
    void beamSearchGivesTheSameTokens() throws Exception {
        for (long[] prompt : PROMPTS.subList(0, 3)) {
            long[] ours = search(npu, "NPU", "beam", prompt);
            assertThat(ours).hasSize(3 * LENGTH);
            assertThat(ours).isEqualTo(search(onnxRuntime, "PyTorch", "beam", prompt));
        }
    }

    @Test
    void contrastiveSearchRuns() throws Exception {
        long[] prompt = PROMPTS.get(0);
        long[] ours = search(npu, "NPU", "contrastive", prompt);
        assertThat(ours).hasSize(LENGTH).startsWith(prompt);
        assertThat(ours).isEqualTo(search(npu, "NPU", "contrastive", prompt));
        // With alpha 0 the penalty is gone and the likeliest candidate wins.
        SearchConfig config = config();
        config.setAlpha(0);
        try (NDManager manager = NDManager.newBaseManager("NPU");
                Predictor<NDList, CausalLMOutput> predictor = npu.newPredictor()) {
            NDArray ids = manager.create(prompt).reshape(1, -1);
            assertThat(
                            new TextGenerator(predictor, "contrastive", config)
                                    .generate(ids)
                                    .toLongArray())
                    .isEqualTo(search(npu, "NPU", "greedy", prompt));
        }
    }

    @Test
    void contrastiveSearchIsTheObviousLoop() throws Exception {
        for (long[] prompt : PROMPTS.subList(0, 3)) {
            long[] expected = ContrastiveSearch.run(NpuModel.runtime(npu).model(), prompt, LENGTH);
            assertThat(search(npu, "NPU", "contrastive", prompt)).isEqualTo(expected);
        }
    }

    /** The criteria of DJL's examples: types, URL, engine, deferred translator. */
    @Test
    void aUrlAndTheEnginesNameAreAllThatTheProgramsChange() throws Exception {
        Path source = Fixtures.require("storyteller/onnx/optimum-fp32");
        Criteria<NDList, CausalLMOutput> criteria =
                Criteria.builder()
                        .setTypes(NDList.class, CausalLMOutput.class)
                        .optModelUrls("npu:" + source.toAbsolutePath() + "?numerics=float32")
                        .optEngine("NPU")
                        .optTranslatorFactory(new DeferredTranslatorFactory())
                        .build();
        try (ZooModel<NDList, CausalLMOutput> model = criteria.loadModel()) {
            long[] prompt = PROMPTS.get(0);
            assertThat(search(model, "NPU", "greedy", prompt))
                    .isEqualTo(search(npu, "NPU", "greedy", prompt));
        }
    }

    /** An app that talks to the graph by its names does not notice the other engine. */
    @Test
    void theTranslatorWrittenForOnnxRuntimeWorksToo() throws Exception {
        Path source = Fixtures.require("storyteller/onnx/optimum-fp32");
        DecoderSpec config = NpuModel.runtime(npu).bundle().config();
        Criteria<NDList, CausalLMOutput> criteria =
                Criteria.builder()
                        .setTypes(NDList.class, CausalLMOutput.class)
                        .optModelPath(source)
                        .optEngine("NPU")
                        .optOption("numerics", "float32")
                        .optTranslator(
                                new StepTranslator(
                                        config.layers(), config.kvHeads(), config.headDim()))
                        .build();
        try (ZooModel<NDList, CausalLMOutput> model = criteria.loadModel()) {
            for (String search : new String[] {"greedy", "beam"}) {
                long[] prompt = PROMPTS.get(1);
                assertThat(search(model, "NPU", search, prompt))
                        .isEqualTo(search(onnxRuntime, "PyTorch", search, prompt));
            }
        }
    }

    @Test
    void paddedBatchesGiveOnnxRuntimesLogits() throws Exception {
        for (boolean left : new boolean[] {true, false}) {
            float[][] ours = padded(npu, "NPU", left);
            float[][] theirs = padded(onnxRuntime, "PyTorch", left);
            for (int row = 0; row < 2; row++) {
                assertThat(Logits.maxDifference(ours[row], theirs[row])).isLessThan(1e-3f);
            }
        }
    }

    /** The logits of both rows' last tokens. */
    private static float[][] padded(
            ZooModel<NDList, CausalLMOutput> model, String arrays, boolean left) throws Exception {
        long[][] rows = {PROMPTS.get(0), PROMPTS.get(1)};
        int width = Math.max(rows[0].length, rows[1].length) + 2;
        try (NDManager manager = NDManager.newBaseManager(arrays);
                Predictor<NDList, CausalLMOutput> predictor = model.newPredictor()) {
            long[][] ids = new long[2][width];
            long[][] mask = new long[2][width];
            long[][] positions = new long[2][width];
            for (int row = 0; row < 2; row++) {
                int from = left ? width - rows[row].length : 0;
                System.arraycopy(rows[row], 0, ids[row], from, rows[row].length);
                Arrays.fill(mask[row], from, from + rows[row].length, 1);
                for (int i = 0; i < rows[row].length; i++) {
                    positions[row][from + i] = i;
                }
            }
            NDList input =
                    new NDList(
                            manager.create(ids), manager.create(positions), manager.create(mask));
            NDArray logits = predictor.predict(input).getLogits();
            float[][] last = new float[2][];
            for (int row = 0; row < 2; row++) {
                int at = left ? width - 1 : rows[row].length - 1;
                last[row] = logits.get("{}, {}", row, at).toFloatArray();
            }
            return last;
        }
    }

    @Test
    void leftPaddedBatchesGiveEachRowItsOwnAnswer() throws Exception {
        long[] first = PROMPTS.get(0);
        long[] second = PROMPTS.get(1);
        int width = Math.max(first.length, second.length);
        SearchConfig config = config();
        config.setSuffixPadding(false);
        config.setMaxSeqLength(width + 20);
        try (NDManager manager = NDManager.newBaseManager("NPU");
                Predictor<NDList, CausalLMOutput> predictor = npu.newPredictor()) {
            NDArray ids = manager.zeros(new Shape(2, width), DataType.INT64);
            ids.set(new NDIndex("0, {}:", width - first.length), manager.create(first));
            ids.set(new NDIndex("1, {}:", width - second.length), manager.create(second));
            NDArray out = new TextGenerator(predictor, "greedy", config).generate(ids);
            assertRow(out.get("0, {}:", width - first.length), first);
            assertRow(out.get("1, {}:", width - second.length), second);
        }
    }

    private static void assertRow(NDArray row, long[] prompt) throws Exception {
        long[] tokens = row.toLongArray();
        long[] alone = search(npu, "NPU", "greedy", prompt);
        int common = Math.min(tokens.length, alone.length);
        assertThat(Arrays.copyOf(tokens, common)).isEqualTo(Arrays.copyOf(alone, common));
    }

    @Test
    void rollingBatchTakesRequestsWhileOthersRun() throws Exception {
        SearchConfig config = config();
        config.setAlpha(0); // then every request has the greedy answer, whatever runs beside it
        config.setSuffixPadding(false);
        try (NDManager manager = NDManager.newBaseManager("NPU");
                Predictor<NDList, CausalLMOutput> predictor = npu.newPredictor()) {
            SeqBatchScheduler scheduler = new ContrastiveSeqBatchScheduler(predictor, config);
            scheduler.addRequest(
                    manager.create(PROMPTS.get(0)).reshape(1, -1),
                    manager.create(new long[] {0}).reshape(1, 1));
            scheduler.incrementForward(5);
            scheduler.addRequest(
                    manager.create(PROMPTS.get(1)).reshape(1, -1),
                    manager.create(new long[] {1}).reshape(1, 1));
            scheduler.incrementForward(2 * LENGTH);
            Map<Long, NDArray> results = scheduler.collectResults();
            assertThat(results).containsOnlyKeys(0L, 1L);
            for (int i = 0; i < 2; i++) {
                assertRow(results.get((long) i).flatten(), PROMPTS.get(i));
            }
        }
    }

    private static SearchConfig config() {
        SearchConfig config = new SearchConfig();
        config.setMaxSeqLength(LENGTH);
        config.setPadTokenId(0);
        return config;
    }

    private static long[] search(
            ZooModel<NDList, CausalLMOutput> model, String arrays, String name, long[] prompt)
            throws Exception {
        try (NDManager manager = NDManager.newBaseManager(arrays);
                Predictor<NDList, CausalLMOutput> predictor = model.newPredictor()) {
            TextGenerator generator = new TextGenerator(predictor, name, config());
            NDArray ids = manager.create(prompt).reshape(1, -1);
            return generator.generate(ids).toLongArray();
        }
    }
}
