package io.djlnpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.bundle.RopeSpec;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.Q4nxTensor;
import io.djlnpu.q4nx.TiledMatrix;
import io.djlnpu.simd.Attention;
import io.djlnpu.simd.MatrixVector;
import io.djlnpu.simd.PackedUnits;
import io.djlnpu.simd.TokenPanels;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.Flow;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.TileShare;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One plan, two readings: the host does and moves what the plan counts. */
class CountedWorkTest {

    private static final NpuDevice DEVICE = NpuDevice.KRACKAN;

    private final CountingSimd counted = new CountingSimd();
    private final Arena arena = Arena.ofShared();
    private final TileExecutor executor = new TileExecutor(2);
    private final KernelContext context =
            new KernelContext(DEVICE, executor, counted.provider(), true, arena);

    @AfterEach
    void close() {
        executor.close();
        arena.close();
    }

    private ProjectionWeights weights(int rows, int columns) {
        return new ProjectionWeights(
                new Q4nxTensor(
                        "w", rows, columns, arena.allocate(Q4nxFormat.byteLength(rows, columns))));
    }

    @ParameterizedTest
    @CsvSource({"96,64,256", "1024,32,300", "32,2016,1000"})
    void fusedDqp(int rows, int more, int columns) {
        FusedDqp kernel =
                new FusedDqp(
                        context,
                        context.floats(
                                MatrixVector.preparedLength(Q4nxFormat.paddedColumns(columns))),
                        new ProjectionWeights[] {weights(rows, columns), weights(more, columns)},
                        new MemorySegment[] {context.floats(rows), context.floats(more)});
        kernel.prepare(context.floats(columns), 0);
        FusedDqp.run(new FusedDqp[] {kernel}, 1);
        assertProjection(FusedDqp.plan(DEVICE, rows + more, columns));
    }

    @Test
    void lmHead() {
        LmHead kernel =
                new LmHead(
                        context,
                        context.floats(MatrixVector.preparedLength(512)),
                        weights(2048, 500),
                        context.floats(2048),
                        2048);
        kernel.product().prepare(context.floats(500), 0);
        FusedDqp.run(new FusedDqp[] {kernel.product()}, 1);
        assertProjection(LmHead.plan(DEVICE, 2048, 500));
    }

    private void assertProjection(DataflowPlan plan) {
        assertThat(counted.macs.get()).isEqualTo(plan.macs());
        assertThat(counted.blockBytes.get() + 2 * counted.vectorElements.get())
                .isEqualTo(plan.ddrReadBytes());
        assertThat(2 * counted.results.get()).isEqualTo(plan.ddrWriteBytes());
    }

    @ParameterizedTest
    @CsvSource({"1,64,256", "37,320,700", "128,1056,256"})
    void dequantEngineAndTiledMatmul(int tokens, int rows, int columns) {
        TiledMatmul kernel =
                new TiledMatmul(
                        context,
                        context.floats(TiledMatmul.packedLength(tokens, columns)),
                        new MemorySegment[] {
                            context.floats(TiledMatmul.sumsLength(tokens)),
                            context.floats(TiledMatmul.sumsLength(tokens))
                        },
                        new ProjectionWeights[] {weights(rows, columns)},
                        new MemorySegment[] {context.floats((long) tokens * rows)});
        kernel.run(context.floats((long) tokens * columns), tokens);
        DataflowPlan product = TiledMatmul.plan(DEVICE, tokens, rows, columns);
        DataflowPlan expansion = DequantEngine.plan(DEVICE, rows, columns);
        // the plan counts columns up to a block's 256, the host leaves out what only pads
        int padded = Q4nxFormat.paddedColumns(columns);
        int kept = PackedUnits.unitsAcross(columns) * Q4nxFormat.GROUP_COLUMNS;
        assertThat(counted.macs.get()).isEqualTo(product.macs() / padded * kept);
        assertThat(2 * counted.results.get()).isEqualTo(product.ddrWriteBytes());
        assertThat(counted.blockBytes.get()).isEqualTo(expansion.ddrReadBytes() / padded * kept);
        long expanded =
                counted.blockBytes.get() / PackedUnits.UNIT_BYTES * 32 * Q4nxFormat.GROUP_COLUMNS;
        assertThat(expanded).isEqualTo(expansion.macs() / padded * kept);
        assertThat(2 * expanded).isEqualTo(expansion.ddrWriteBytes() / padded * kept);
    }

    private record Cache(MemorySegment keys, MemorySegment values, int capacity, boolean bf16)
            implements KeyValues {}

    private Cache cache(int capacity, int kvHeads, int headDim) {
        int tile = Attention.TILE;
        int slots = Math.ceilDiv(capacity, tile) * tile;
        long floats = (long) slots * kvHeads * Math.ceilDiv(headDim, tile) * tile;
        return new Cache(context.floats(floats), context.floats(floats), slots, false);
    }

    @ParameterizedTest
    @CsvSource({"1,4,1,32", "100,4,2,32", "333,8,8,64"})
    void flowKv(int keys, int heads, int kvHeads, int headDim) {
        FlowKv kernel = new FlowKv(context, heads, kvHeads, headDim);
        kernel.run(
                context.floats((long) heads * headDim),
                cache(keys, kvHeads, headDim),
                0,
                keys,
                context.floats((long) heads * headDim));
        DataflowPlan plan = FlowKv.plan(DEVICE, keys, heads, kvHeads, headDim);
        // a product of each element for the score, and one for the output
        assertThat(2L * headDim * counted.scores.get()).isEqualTo(plan.macs());
        // a pair serves all queries of a group from one stream of keys, and so does the host
        assertThat(2 * counted.keyElements.get())
                .isEqualTo(plan.ddrReadBytes() - 2L * heads * headDim);
    }

    @ParameterizedTest
    @CsvSource({
        "90,0,1000000,true",
        "90,0,24,true",
        "50,30,24,true",
        "50,10,24,true",
        "7,200,1000000,true",
        "64,0,1000000,false"
    })
    void flowQkv(int tokens, int past, int window, boolean causal) {
        AttentionSpan span = new AttentionSpan(tokens, past, window, causal);
        int heads = 4;
        int headDim = 32;
        FlowQkv kernel = new FlowQkv(context, heads, 2, headDim);
        long elements = (long) tokens * heads * headDim;
        kernel.run(
                context.floats(elements),
                tokens,
                cache(past + tokens, 2, headDim),
                new VisibleKeys() {
                    @Override
                    public int first(int token) {
                        return causal ? Math.max(0, past + token + 1 - window) : 0;
                    }

                    @Override
                    public int end(int token) {
                        return causal ? past + token + 1 : past + tokens;
                    }
                },
                context.floats(elements));
        DataflowPlan plan = FlowQkv.plan(DEVICE, span, heads, 2, headDim);
        assertThat(2L * headDim * counted.scores.get()).isEqualTo(plan.macs());
        // with one query a block, the keys that stream past are the scores
        assertThat(span.streamedKeys(1)).isEqualTo(span.scores());
        long union = causal ? Math.min(past + tokens, (long) tokens + window - 1) : past + tokens;
        assertThat(span.streamedKeys(tokens)).isEqualTo(union);
        assertThat(plan.ddrReadBytes())
                .isBetween(
                        2 * elements + union * 2 * 2 * 2 * headDim,
                        2 * elements + span.scores() * 2 * 2 * 2 * headDim);
    }

    /** The closed form against a walk over the blocks. */
    @ParameterizedTest
    @CsvSource({
        "1,0,1",
        "90,0,24",
        "91,7,24",
        "50,30,24",
        "1000,0,1000000",
        "999,13,512",
        "8,99,4"
    })
    void keysStreamPastEachBlock(int tokens, int past, int window) {
        AttentionSpan span = AttentionSpan.windowed(tokens, past, window);
        for (int block = 1; block <= tokens + 1; block += 1 + block / 3) {
            long keys = 0;
            for (int first = 0; first < tokens; first += block) {
                int end = Math.min(tokens, first + block);
                keys += past + end - Math.max(0, past + first + 1 - window);
            }
            assertThat(span.streamedKeys(block)).as("blocks of %d", block).isEqualTo(keys);
        }
    }

    @Test
    void rowKernels() {
        new RmsNorm(context, 1e-6f)
                .run(context.floats(640), 5, 128, context.floats(128), context.floats(640));
        assertRows(RmsNorm.plan(DEVICE, 5, 128, false));
        new GegluMul(context, 96, GateActivation.SILU)
                .run(context.floats(960), context.floats(960), 10);
        assertRows(GegluMul.plan(DEVICE, 10, 96, GateActivation.SILU));
        Rope rope = new Rope(context, 64, RopeSpec.of(1e4), 3);
        rope.prepare(0, 3);
        MemorySegment heads = context.floats(3 * 4 * 64);
        for (int token = 0; token < 3; token++) {
            rope.rotate(heads, token * 4L * 64, 4, token);
        }
        assertRows(Rope.plan(DEVICE, 3, 4, 64));
    }

    private void assertRows(DataflowPlan plan) {
        assertThat(counted.macs.getAndSet(0)).as(plan.kernel()).isEqualTo(plan.macs());
        assertThat(2 * counted.results.getAndSet(0)).isEqualTo(plan.ddrWriteBytes());
    }

    @Test
    void visionKernels() {
        int tokens = 2 * TokenPanels.TOKENS;
        int width = 4 * 32;
        MemorySegment rows = context.floats((long) tokens * width);
        new LayerNorm(context, new float[width], new float[width], 1e-6f).run(rows, 0, rows, 0, 2);
        assertRows(LayerNorm.plan(DEVICE, tokens, width));
        new VisionAttention(context, tokens, 4, 32)
                .run(rows, rows, rows, context.floats((long) tokens * width));
        assertRows(VisionAttention.plan(DEVICE, tokens, 4, 32));
    }

    @ParameterizedTest
    @CsvSource({"1,64,256", "2,96,512", "3,32,1152"})
    void visionMatmul(int panels, int rows, int columns) {
        int tokens = panels * TokenPanels.TOKENS;
        TiledMatrix matrix =
                new TiledMatrix(
                        "w", rows, columns, arena.allocate(TiledMatrix.byteLength(rows, columns)));
        DenseMatmul kernel =
                new DenseMatmul(
                        context,
                        new DenseMatmul.Scratch(context),
                        tokens,
                        new DenseWeights[] {DenseWeights.of(matrix)},
                        new float[][] {new float[rows]},
                        TokenPanels.Finish.GELU,
                        new MemorySegment[] {context.floats((long) tokens * rows)});
        kernel.run(context.floats((long) tokens * columns), 0, 0, panels);
        DataflowPlan plan = DenseMatmul.plan(DEVICE, tokens, rows, columns);
        assertThat(kernel.plan()).isEqualTo(plan);
        // the plan counts columns up to a block's 256, the host leaves out what only pads
        int padded = Q4nxFormat.paddedColumns(columns);
        assertThat(counted.macs.get()).isEqualTo(plan.macs() / padded * columns);
        assertThat(2 * counted.results.get()).isEqualTo(plan.ddrWriteBytes());
        // so small a product crosses DDR once, weights and activations
        assertThat(counted.denseBytes.get()).isEqualTo(2L * rows * padded);
        assertThat(counted.denseBytes.get() + 2L * tokens * padded).isEqualTo(plan.ddrReadBytes());
        DataflowPlan gelu = GegluMul.activationPlan(DEVICE, tokens, rows);
        assertThat(2 * counted.results.get()).isEqualTo(gelu.ddrWriteBytes());
    }

    @Test
    void patchEmbedding() {
        int patch = 4;
        int side = 8 * patch;
        int width = 64;
        int values = 3 * patch * patch;
        PatchEmbedding kernel =
                new PatchEmbedding(
                        context,
                        new DenseMatmul.Scratch(context),
                        side,
                        patch,
                        new float[width * values],
                        new float[width],
                        new float[64 * width],
                        context.floats(64L * width));
        kernel.run(new float[3 * side * side]);
        assertThat(kernel.plan()).isEqualTo(DenseMatmul.plan(DEVICE, 64, width, values));
        int padded = Q4nxFormat.paddedColumns(values);
        assertThat(counted.macs.get()).isEqualTo(kernel.plan().macs() / padded * values);
        assertThat(2 * counted.results.get()).isEqualTo(kernel.plan().ddrWriteBytes());
    }

    /** The pool has no inner loop to count in; that its sums come out shows what it read. */
    @Test
    void averagePool() {
        int width = 32;
        int patches = 64;
        int tokens = 16;
        MemorySegment x = context.floats((long) patches * width);
        double sum = 0;
        for (int i = 0; i < patches * width; i++) {
            x.setAtIndex(ValueLayout.JAVA_FLOAT, i, i % 97);
            sum += i % 97;
        }
        MemorySegment y = context.floats((long) tokens * width);
        new AveragePool(context, 8, 4, width).run(x, y);
        double pooled = 0;
        for (int i = 0; i < tokens * width; i++) {
            pooled += y.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
        // every element once, and rounded to bf16
        assertThat(pooled * patches / tokens / sum).isBetween(0.99, 1.01);
        DataflowPlan plan = AveragePool.plan(DEVICE, patches, tokens, width);
        assertThat(plan.macs()).isEqualTo((long) patches * width);
        assertThat(plan.ddrReadBytes()).isEqualTo(2L * patches * width);
        assertThat(plan.ddrWriteBytes()).isEqualTo(2L * tokens * width);
    }

    private static long units(DataflowPlan plan) {
        return plan.shares().stream().mapToLong(TileShare::units).sum();
    }

    private static long flow(DataflowPlan plan, String name) {
        return plan.demand().flows().stream()
                .filter(f -> f.name().equals(name))
                .mapToLong(Flow::objectBytes)
                .findFirst()
                .orElseThrow();
    }

    /** A core tile takes an object of each operand a step, which the cores of its column share. */
    @ParameterizedTest
    @CsvSource({"1,32,256", "300,1056,2560", "4096,2560,2560", "4096,32,1280"})
    void sharesAndStreamsOfAProductAreThoseOfItsCoreTiles(int tokens, int rows, int columns) {
        DataflowPlan plan = TiledMatmul.plan(DEVICE, tokens, rows, columns);
        long weights = flow(plan, "weights");
        long activations = flow(plan, "activations");
        long sums = flow(plan, "result") / 4;
        long k = Math.round(Math.sqrt(weights * activations / 4.0 / sums));
        long m = activations / 2 / k;
        long n = weights / 2 / k;
        assertThat(units(plan)).isEqualTo(Math.ceilDiv(tokens, m) * Math.ceilDiv(rows, n));
        long streamed = 0;
        for (TileShare share : plan.shares()) {
            streamed += share.units() * (columns / k) * Math.max(weights, activations);
        }
        assertThat(plan.work().streamBytes()).isEqualTo(streamed / DEVICE.computeRows());
        double cycles = units(plan) * m * n * columns / DEVICE.core().macsPerCycle().value();
        assertThat(plan.work().cycles() / cycles).isBetween(0.9999, 1.0001);
    }

    /** A column's keys pass once for all its pairs, as many as the later of their blocks sees. */
    @ParameterizedTest
    @CsvSource({"4096,8,4", "4096,4,1", "4096,32,8", "4096,16,16", "1024,8,4"})
    void streamsOfPrefillAttentionAreThoseOfItsShares(int tokens, int heads, int kvHeads) {
        int headDim = 256;
        DataflowPlan plan =
                FlowQkv.plan(DEVICE, AttentionSpan.causal(tokens, 0), heads, kvHeads, headDim);
        int group = heads / kvHeads;
        int rows = (int) flow(plan, "queries") / 2 / headDim;
        assertThat(units(plan)).isEqualTo((long) heads * Math.ceilDiv(tokens, rows));
        int pairs = DEVICE.pairsPerColumn();
        Map<Integer, Integer> turns = new HashMap<>();
        for (TileShare share : plan.shares()) {
            for (int unit = share.first(); unit < share.end(); unit += share.stride()) {
                int block = (unit / pairs / kvHeads * pairs + unit % pairs) / group;
                turns.merge(unit / pairs, Math.min(tokens, (block + 1) * rows), Math::max);
            }
        }
        long keys = turns.values().stream().mapToLong(k -> 2L * headDim * k).sum();
        // what takes turns in a pair comes on top
        assertThat((double) plan.work().streamBytes() / keys)
                .isBetween(0.97, plan.reason().contains("in 1 turn(s)") ? 1.03 : 2.1);
    }

    /** Walks every megatile of every tile and counts what each brings from DDR. */
    @ParameterizedTest
    @CsvSource({"1,32,256", "100,1000,512", "2048,2048,2048", "4097,96,1280"})
    void megatilesBringWhatTheFormulaSays(int tokens, int rows, int columns) {
        Megatile tile = new Megatile(64, 32, 32, 2, 4);
        long bytes = 0;
        int megaTokens = 2 * 64 * DEVICE.columns();
        int megaRows = 4 * 32 * DEVICE.computeRows();
        for (int row = 0; row < rows; row += megaRows) {
            for (int token = 0; token < tokens; token += megaTokens) {
                bytes += 2L * Math.min(megaTokens, tokens - token) * columns;
                bytes += 2L * Math.min(megaRows, rows - row) * columns;
            }
        }
        assertThat(tile.readBytes(DEVICE, tokens, rows, columns)).isEqualTo(bytes);
    }
}
