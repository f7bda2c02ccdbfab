package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Set;

/**
 * A tensor of a checkpoint in place, as a matrix whose rows are its first dimension; widened to
 * float32 exactly, row by row.
 */
record FloatMatrix(MemorySegment data, DataType type, int rows, int columns)
        implements WeightMatrix {

    static final Set<DataType> TYPES = Set.of(DataType.F32, DataType.BF16, DataType.F16);

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort HALF =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static FloatMatrix of(SafetensorsFile file, String name) throws ModelFormatException {
        TensorInfo info = file.tensor(name);
        long elements = 1;
        for (long extent : info.shape()) {
            elements = Math.multiplyExact(elements, extent);
        }
        long rows = info.shape().size() < 2 ? 1 : info.shape().getFirst();
        long columns = rows == 0 ? 0 : elements / rows;
        if (rows < 1 || columns < 1 || rows > Integer.MAX_VALUE || columns > 1 << 28) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    "%s: tensor '%s' is %s, which is no weight"
                            .formatted(file.path(), name, info.shape()));
        }
        return new FloatMatrix(file.segment(name), info.dataType(), (int) rows, (int) columns);
    }

    @Override
    public void readRows(int firstRow, int rowCount, float[] destination) {
        int count = rowCount * columns;
        long first = (long) firstRow * columns;
        switch (type) {
            case F32 -> MemorySegment.copy(data, FLOAT, 4 * first, destination, 0, count);
            case BF16 -> Bfloat16.toFloats(data, 2 * first, destination, 0, count);
            default -> {
                for (int i = 0; i < count; i++) {
                    destination[i] = Float.float16ToFloat(data.get(HALF, 2 * (first + i)));
                }
            }
        }
    }

    /** All of it, flat. */
    float[] readAll() {
        float[] values = new float[Math.multiplyExact(rows, columns)];
        readRows(0, rows, values);
        return values;
    }
}
