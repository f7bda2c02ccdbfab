package io.djlnpu.bundle;

import io.djlnpu.bundle.BundlePart.Payload;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import java.io.IOException;
import java.util.List;

/** What {@code vision_weight.q4nx} is made of, from a source of weights. */
final class VisionParts {

    private final DecoderWeights weights;

    VisionParts(DecoderWeights weights) {
        this.weights = weights;
    }

    /** Tells whether the source has a tower, not only a configuration of one. */
    static boolean present(DecoderWeights weights) {
        return weights.config().vision().isPresent()
                && weights.names().contains(VisionLayout.PROJECTOR);
    }

    List<BundlePart> list() {
        return VisionLayout.list(weights.config()).stream()
                .map(layout -> new BundlePart(declare(layout), payload(layout)))
                .toList();
    }

    private static Declaration declare(VisionLayout layout) {
        long[] shape = layout.storedShape().stream().mapToLong(Long::longValue).toArray();
        return new Declaration(layout.name(), DataType.BF16, shape);
    }

    private Payload payload(VisionLayout layout) {
        String name = layout.name();
        if (!layout.tiled()) {
            return sink -> new Bfloat16Payload(name).writeVector(layout.vector(weights), sink);
        }
        return sink -> {
            WeightMatrix matrix = layout.matrix(weights);
            // every file that FastFlowLM's converter reads has the projector in binary16
            boolean projector = name.equals(VisionLayout.PROJECTOR);
            return new Bfloat16Payload(name, projector)
                    .writeTiles(projector ? transposed(matrix) : matrix, sink);
        };
    }

    private static WeightMatrix transposed(WeightMatrix source) throws IOException {
        int rows = source.rows();
        int columns = source.columns();
        float[] values = new float[Math.multiplyExact(rows, columns)];
        source.readRows(0, rows, values);
        return new WeightMatrix() {
            @Override
            public int rows() {
                return columns;
            }

            @Override
            public int columns() {
                return rows;
            }

            @Override
            public void readRows(int firstRow, int rowCount, float[] destination) {
                for (int i = 0; i < rowCount; i++) {
                    for (int j = 0; j < rows; j++) {
                        destination[i * rows + j] = values[j * columns + firstRow + i];
                    }
                }
            }
        };
    }
}
