package io.djlnpu.bundle;

import io.djlnpu.bundle.BundlePart.Payload;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;

/** What {@code model.q4nx} is made of, from a source of weights. */
final class TextParts {

    private final DecoderWeights weights;
    private final BundleOptions options;
    private final ExecutorService workers;

    TextParts(DecoderWeights weights, BundleOptions options, ExecutorService workers) {
        this.weights = weights;
        this.options = options;
        this.workers = workers;
    }

    List<BundlePart> list() throws ModelFormatException {
        List<TensorLayout> layouts = new ArrayList<>(TensorLayout.text(weights.config()));
        // the converter's order: all bf16 before all quantised, each bytewise by name
        layouts.sort(
                Comparator.comparing(TensorLayout::quantized).thenComparing(TensorLayout::name));
        List<BundlePart> parts = new ArrayList<>();
        for (TensorLayout layout : layouts) {
            parts.add(new BundlePart(declare(layout), payload(layout)));
        }
        return parts;
    }

    private static Declaration declare(TensorLayout layout) throws ModelFormatException {
        if (!layout.quantized()) {
            return layout.rows() == 1
                    ? new Declaration(layout.name(), DataType.BF16, layout.columns())
                    : new Declaration(
                            layout.name(), DataType.BF16, layout.rows(), layout.columns());
        }
        if (layout.storedRows() % Q4nxFormat.BLOCK_ROWS != 0) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_ENCODING,
                    "'%s' has %d rows; Q4NX holds multiples of %d only"
                            .formatted(layout.name(), layout.rows(), Q4nxFormat.BLOCK_ROWS));
        }
        long blocks =
                Q4nxFormat.byteLength(layout.storedRows(), layout.columns())
                        / Q4nxFormat.BLOCK_BYTES;
        return new Declaration(layout.name(), DataType.I8, blocks, Q4nxFormat.BLOCK_BYTES);
    }

    private Payload payload(TensorLayout layout) {
        String name = layout.name();
        if (layout.rows() == 1) {
            return sink -> {
                float[] values = weights.vector(name);
                layout.check(1, values.length);
                return new Bfloat16Payload(name).writeVector(values, sink);
            };
        }
        if (layout.quantized()) {
            return sink ->
                    new MatrixPayload(
                                    name,
                                    layout.matrix(weights),
                                    options.encoding(),
                                    importance(layout),
                                    workers,
                                    4 * options.threads())
                            .write(sink);
        }
        boolean scaled =
                name.equals(TensorLayout.EMBEDDING) && weights.config().style().scaledEmbedding();
        float factor = scaled ? (float) Math.sqrt(weights.config().hiddenSize()) : 1;
        return sink -> new Bfloat16Payload(name).writeMatrix(layout.matrix(weights), factor, sink);
    }

    private float[] importance(TensorLayout layout) {
        return options.importance()
                .map(importance -> importance.of(layout.name(), layout.columns()))
                .orElse(null);
    }
}
