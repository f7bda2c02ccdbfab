package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.SafetensorsWriter;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import io.djlnpu.safetensors.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a squared error costs in each column of each Q4NX matrix: the mean square of the activation
 * that the column is multiplied with, measured on a text.
 *
 * <p>Kept as a safetensors file: for every matrix of {@code model.q4nx} that is Q4NX one F32 tensor
 * of its name and of shape {@code [columns]}, and nothing else.
 */
public final class Importance {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SortedMap<String, float[]> columns = new TreeMap<>();

    /** Constructs an importance of no matrix yet. */
    public Importance() {}

    /**
     * Adds a matrix.
     *
     * @param matrix Hugging Face's name
     * @param meanSquares one a column, finite, not negative; not copied
     */
    public void put(String matrix, float[] meanSquares) {
        columns.put(matrix, meanSquares);
    }

    /**
     * Returns a matrix's importance.
     *
     * @param matrix Hugging Face's name
     * @param width its columns
     * @return one number a column
     * @throws IllegalArgumentException if there is none of that width
     */
    public float[] of(String matrix, int width) {
        float[] found = columns.get(matrix);
        if (found == null || found.length != width) {
            throw new IllegalArgumentException(
                    "no importance for the %d columns of '%s'; it belongs to another model"
                            .formatted(width, matrix));
        }
        return found;
    }

    /**
     * Reads a file and checks it against the model that it is meant for.
     *
     * @param file the file
     * @param config the model's configuration
     * @return an importance for every Q4NX matrix
     * @throws IOException if it cannot be read, lacks a matrix, has one too many, or holds a shape
     *     or number that cannot be
     */
    public static Importance read(Path file, DecoderSpec config) throws IOException {
        Importance importance = new Importance();
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            for (TensorLayout layout : TensorLayout.text(config)) {
                if (layout.quantized()) {
                    importance.put(layout.name(), values(open, layout));
                }
            }
            for (String name : open.tensors().keySet()) {
                if (!importance.columns.containsKey(name)) {
                    throw new ModelFormatException(
                            Code.CONFLICT,
                            file
                                    + ": '"
                                    + name
                                    + "' is no Q4NX matrix of this model; calibrate this model");
                }
            }
        }
        return importance;
    }

    private static float[] values(SafetensorsFile file, TensorLayout layout)
            throws ModelFormatException {
        TensorInfo info = file.tensor(layout.name());
        List<Long> shape = List.of((long) layout.columns());
        if (info.dataType() != DataType.F32 || !info.shape().equals(shape)) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    "%s: '%s' is %s %s, expected F32 %s; calibrate this model"
                            .formatted(
                                    file.path(),
                                    layout.name(),
                                    info.dataType(),
                                    info.shape(),
                                    shape));
        }
        float[] values = new float[layout.columns()];
        MemorySegment.copy(file.segment(layout.name()), FLOAT, 0, values, 0, values.length);
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i]) || values[i] < 0) {
                throw new ModelFormatException(
                        Float.isFinite(values[i]) ? Code.MALFORMED : Code.NOT_FINITE,
                        "%s: '%s': column %d has the mean square %s, expected 0 or more; calibrate again"
                                .formatted(file.path(), layout.name(), i, values[i]));
            }
        }
        return values;
    }

    /**
     * Writes the file; it appears whole or not at all.
     *
     * @param file the file to be
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        List<Declaration> declarations = new ArrayList<>();
        columns.forEach(
                (name, values) ->
                        declarations.add(new Declaration(name, DataType.F32, values.length)));
        try (SafetensorsWriter writer = new SafetensorsWriter(file, declarations)) {
            for (float[] values : columns.values()) {
                ByteBuffer bytes =
                        ByteBuffer.allocate(Float.BYTES * values.length)
                                .order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(values);
                writer.write(bytes);
            }
            writer.commit();
        }
    }
}
