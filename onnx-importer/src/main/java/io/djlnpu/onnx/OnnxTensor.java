package io.djlnpu.onnx;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A constant of a graph: what it is, and where its bytes lie.
 *
 * <p><b>Shape</b>: row-major, any rank up to 8; a rank of 0 is a scalar. <b>Errors</b>: the bytes
 * are looked for, and their number checked against the shape, only when {@link #bytes()} asks.
 */
public final class OnnxTensor {

    /** Where the bytes lie. */
    interface Payload {
        MemorySegment bytes(OnnxTensor tensor) throws IOException;
    }

    private final String name;
    private final ElementType type;
    private final long[] shape;
    private final String file;
    private final Payload payload;

    OnnxTensor(String name, ElementType type, long[] shape, String file, Payload payload) {
        this.name = name;
        this.type = type;
        this.shape = shape;
        this.file = file;
        this.payload = payload;
    }

    /**
     * Returns the tensor's name.
     *
     * @return the name, possibly empty for the value of a node
     */
    public String name() {
        return name;
    }

    /**
     * Returns the type of the elements.
     *
     * @return the type
     */
    public ElementType type() {
        return type;
    }

    /**
     * Returns the shape.
     *
     * @return a copy of the lengths
     */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * Returns the number of elements.
     *
     * @return the product of the shape, known not to overflow
     */
    public long elements() {
        long product = 1;
        for (long length : shape) {
            product *= length;
        }
        return product;
    }

    /**
     * Returns the bytes, little endian and packed as in {@code raw_data}.
     *
     * @return exactly {@code type().bytes(elements())} bytes, mapped where possible
     * @throws IOException if they are missing, too few or too many
     */
    public MemorySegment bytes() throws IOException {
        MemorySegment bytes = payload.bytes(this);
        long expected = type.bytes(elements());
        if (bytes.byteSize() != expected) {
            throw new ModelFormatException(
                    bytes.byteSize() < expected ? Code.TRUNCATED : Code.SHAPE_MISMATCH,
                    where()
                            + ": "
                            + bytes.byteSize()
                            + " bytes, expected "
                            + expected
                            + " for "
                            + type
                            + Arrays.toString(shape)
                            + "; the file is damaged, export or fetch it again");
        }
        return bytes;
    }

    /**
     * Reads the whole tensor as float32.
     *
     * @return the values
     * @throws IOException if they cannot be read
     */
    public float[] floats() throws IOException {
        float[] values = new float[heapLength()];
        type.toFloats(bytes(), 0, values.length, values, 0);
        return values;
    }

    /**
     * Reads the whole tensor as integers.
     *
     * @return the values
     * @throws IOException if they cannot be read
     */
    public long[] integers() throws IOException {
        long[] values = new long[heapLength()];
        MemorySegment bytes = bytes();
        for (int i = 0; i < values.length; i++) {
            values[i] = type.toLong(bytes, i);
        }
        return values;
    }

    /**
     * Names file and tensor for messages.
     *
     * @return for instance {@code model.onnx: tensor 'a'}
     */
    public String where() {
        return file + ": tensor '" + name + "'";
    }

    private int heapLength() throws IOException {
        // the bytes come first: a claimed shape without data must not reserve memory
        bytes();
        if (elements() > 1 << 28) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    where() + ": " + elements() + " elements, too many to be read at once");
        }
        return (int) elements();
    }
}
