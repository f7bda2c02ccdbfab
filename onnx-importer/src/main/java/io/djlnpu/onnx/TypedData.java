package io.djlnpu.onnx;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Values in the typed fields of {@code TensorProto} ({@code float_data}, {@code int32_data}, ...),
 * brought into the form of {@code raw_data}.
 *
 * <p><b>Source</b>: onnx.proto3. {@code int32_data} holds one value per entry for integers of 8 to
 * 32 bits, fp16 and bf16, and one packed byte per entry for 4-bit types.
 */
final class TypedData {

    private static final int FLOAT_DATA = 4;
    private static final int INT32_DATA = 5;
    private static final int INT64_DATA = 7;
    private static final int DOUBLE_DATA = 10;

    private TypedData() {}

    static MemorySegment bytes(String file, OnnxTensor tensor, MemorySegment message)
            throws IOException {
        ElementType type = tensor.type();
        int wanted =
                switch (type) {
                    case FLOAT -> FLOAT_DATA;
                    case DOUBLE -> DOUBLE_DATA;
                    case INT64 -> INT64_DATA;
                    default -> INT32_DATA;
                };
        long length = type.bytes(tensor.elements());
        // an entry takes at least one byte in the file, so a claimed shape reserves no memory
        int entryBytes = type.bits() < 8 ? 1 : type.bits() / 8;
        if (length / entryBytes > message.byteSize() || length > Integer.MAX_VALUE - 8) {
            throw new ModelFormatException(
                    Code.TRUNCATED,
                    tensor.where()
                            + ": "
                            + message.byteSize()
                            + " bytes in all, expected "
                            + length
                            + " bytes of values; the file is damaged, fetch it again");
        }
        ByteBuffer target = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
        WireReader reader = new WireReader(file, message);
        for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
            if (field != wanted) {
                reader.skip();
            } else if (reader.wireType() == WireReader.BYTES) {
                WireReader packed = reader.readMessage();
                while (!packed.atEnd()) {
                    put(tensor, packed, entryBytes, target);
                }
            } else {
                put(tensor, reader, entryBytes, target);
            }
        }
        return MemorySegment.ofArray(target.array()).asSlice(0, target.position());
    }

    private static void put(OnnxTensor tensor, WireReader from, int entryBytes, ByteBuffer target)
            throws IOException {
        if (target.remaining() < entryBytes) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    tensor.where() + ": more values than the shape has elements");
        }
        switch (tensor.type()) {
            case FLOAT -> target.putInt(from.fixed32());
            case DOUBLE -> target.putLong(from.fixed64());
            default -> {
                long value = from.varint();
                switch (entryBytes) {
                    case 1 -> target.put((byte) value);
                    case 2 -> target.putShort((short) value);
                    case 4 -> target.putInt((int) value);
                    default -> target.putLong(value);
                }
            }
        }
    }
}
