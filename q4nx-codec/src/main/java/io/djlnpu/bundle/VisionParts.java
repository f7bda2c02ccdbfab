package io.djlnpu.bundle;

import io.djlnpu.bundle.BundlePart.Payload;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.numeric.Float16;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import java.io.IOException;
import java.util.List;

/** What {@code vision_weight.q4nx} is made of, from a source of weights. */
final class VisionParts {

    private final Gemma3Weights weights;

    VisionParts(Gemma3Weights weights) {
        this.weights = weights;
    }

    /** Tells whether the source has a tower, not only a configuration of one. */
    static boolean present(Gemma3Weights weights) {
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
            return sink -> {
                float[] values = weights.vector(name);
                int expected = layout.shape().stream().reduce(1, Math::multiplyExact);
                check(name, values.length, expected);
                return new Bfloat16Payload(name).writeVector(values, sink);
            };
        }
        return sink -> {
            WeightMatrix matrix = weights.matrix(name);
            if (name.equals(VisionLayout.PROJECTOR)) {
                matrix = projector(matrix);
            }
            check(name, matrix.rows(), layout.shape().get(0));
            check(name, matrix.columns(), layout.shape().get(1));
            return new Bfloat16Payload(name).writeTiles(matrix, sink);
        };
    }

    private static void check(String name, int found, int expected) throws ModelFormatException {
        if (found != expected) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    "'%s' has an extent of %d, expected %d by the configuration"
                            .formatted(name, found, expected));
        }
    }

    /** Transposes, and rounds to binary16 first: every file that the converter reads has it so. */
    private static WeightMatrix projector(WeightMatrix source) throws IOException {
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
                        float value = values[j * columns + firstRow + i];
                        float half = Float16.round(value);
                        destination[i * rows + j] = Float.isInfinite(half) ? value : half;
                    }
                }
            }
        };
    }
}
