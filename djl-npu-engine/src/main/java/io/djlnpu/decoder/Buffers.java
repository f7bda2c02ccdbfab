package io.djlnpu.decoder;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.LayerTensor;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.TiledMatmul;
import io.djlnpu.program.Operand;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.simd.MatrixVector;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Activations of one chunk, {@code [tokens, width]} each, and the scratch of the matrix kernels.
 */
final class Buffers {

    final MemorySegment residual;
    final MemorySegment normed;
    final MemorySegment query;
    final MemorySegment key;
    final MemorySegment value;
    final MemorySegment attended;
    final MemorySegment projected;
    final MemorySegment gate;
    final MemorySegment up;
    final MemorySegment logits;
    final MemorySegment prepared;
    final MemorySegment packed;
    final MemorySegment[] sums;

    /**
     * Takes the memory.
     *
     * @param chunk the most tokens that go through the layers together
     * @param logitRows rows of the head, padding included; 0 without a head
     */
    Buffers(KernelContext context, DecoderSpec config, int chunk, int threads, int logitRows) {
        long hidden = (long) chunk * config.hiddenSize();
        residual = context.floats(hidden);
        normed = context.floats(hidden);
        projected = context.floats(hidden);
        query = context.floats((long) chunk * config.queryWidth());
        attended = context.floats((long) chunk * config.queryWidth());
        key = context.floats((long) chunk * config.keyValueWidth());
        value = context.floats((long) chunk * config.keyValueWidth());
        gate = context.floats((long) chunk * config.intermediateSize());
        up = context.floats((long) chunk * config.intermediateSize());
        logits = context.floats(logitRows);
        int widest =
                Math.max(
                        config.intermediateSize(),
                        Math.max(config.queryWidth(), config.hiddenSize()));
        prepared = context.floats(MatrixVector.preparedLength(Q4nxFormat.paddedColumns(widest)));
        packed = context.floats(TiledMatmul.packedLength(chunk, widest));
        sums = new MemorySegment[threads];
        for (int i = 0; i < threads; i++) {
            sums[i] = context.floats(TiledMatmul.sumsLength(chunk));
        }
    }

    /** The rows that a role stands for. */
    MemorySegment of(Operand operand) {
        return switch (operand) {
            case RESIDUAL -> residual;
            case NORMED -> normed;
            case QUERY -> query;
            case KEY -> key;
            case VALUE -> value;
            case ATTENDED -> attended;
            case PROJECTED -> projected;
            case GATE -> gate;
            case UP -> up;
        };
    }

    /** Where the products of matrices go. */
    MemorySegment[] results(List<LayerTensor> matrices) {
        return matrices.stream()
                .map(matrix -> of(Operand.productOf(matrix)))
                .toArray(MemorySegment[]::new);
    }

    /** The memory taken. */
    long bytes() {
        Stream<MemorySegment> segments =
                Stream.of(
                        residual, normed, query, key, value, attended, projected, gate, up, logits,
                        prepared, packed);
        return Stream.concat(segments, Arrays.stream(sums))
                .mapToLong(MemorySegment::byteSize)
                .sum();
    }
}
