package io.djlnpu.onnx;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over protobuf's wire format, bounded by the message that it walks through.
 *
 * <p>Positions are offsets in the whole file, so that every error says where. Nothing is copied but
 * the strings that are asked for.
 */
final class WireReader {

    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private static final int LONGEST_TEXT = 1 << 16;
    private static final int LARGEST_FIELD = (1 << 29) - 1;
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String file;
    private final MemorySegment bytes;
    private final long end;
    private long position;
    private int field;
    private int wireType;

    WireReader(String file, MemorySegment bytes) {
        this(file, bytes, 0, bytes.byteSize());
    }

    private WireReader(String file, MemorySegment bytes, long position, long end) {
        this.file = file;
        this.bytes = bytes;
        this.position = position;
        this.end = end;
    }

    /** Moves to the next field and returns its number, or 0 at the end of the message. */
    int nextField() throws ModelFormatException {
        if (position == end) {
            return 0;
        }
        long tag = varint();
        wireType = (int) (tag & 7);
        long number = tag >>> 3;
        if (number < 1 || number > LARGEST_FIELD) {
            throw malformed("field number " + number + ", which protobuf forbids");
        }
        field = (int) number;
        return field;
    }

    int wireType() {
        return wireType;
    }

    boolean atEnd() {
        return position == end;
    }

    long remaining() {
        return end - position;
    }

    long readVarint() throws ModelFormatException {
        expect(VARINT);
        return varint();
    }

    float readFloat() throws ModelFormatException {
        expect(FIXED32);
        return Float.intBitsToFloat(fixed32());
    }

    /** Returns a reader of the nested message. */
    WireReader readMessage() throws ModelFormatException {
        expect(BYTES);
        long length = length();
        WireReader nested = new WireReader(file, bytes, position, position + length);
        position += length;
        return nested;
    }

    /** Returns the bytes of a length-delimited field, still where they lie. */
    MemorySegment readBytes() throws ModelFormatException {
        expect(BYTES);
        long length = length();
        MemorySegment slice = bytes.asSlice(position, length);
        position += length;
        return slice;
    }

    /** Returns a string; malformed UTF-8 is replaced, since producers do write it. */
    String readText() throws ModelFormatException {
        MemorySegment text = readBytes();
        if (text.byteSize() > LONGEST_TEXT) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    at("a name of " + text.byteSize() + " bytes")
                            + ", expected at most "
                            + LONGEST_TEXT);
        }
        return new String(text.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    long varint() throws ModelFormatException {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (position == end) {
                throw truncated("a varint that is not finished");
            }
            byte next = bytes.get(ValueLayout.JAVA_BYTE, position++);
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("a varint of more than 10 bytes");
    }

    int fixed32() throws ModelFormatException {
        require(4);
        int value = bytes.get(INT, position);
        position += 4;
        return value;
    }

    long fixed64() throws ModelFormatException {
        require(8);
        long value = bytes.get(LONG, position);
        position += 8;
        return value;
    }

    void skip() throws ModelFormatException {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> fixed64();
            case FIXED32 -> fixed32();
            case BYTES -> {
                long length = length();
                position += length;
            }
            default -> throw malformed("wire type " + wireType + " in field " + field);
        }
    }

    private long length() throws ModelFormatException {
        long length = varint();
        if (length < 0 || length > end - position) {
            throw truncated(
                    "field "
                            + field
                            + " of "
                            + Long.toUnsignedString(length)
                            + " bytes where "
                            + (end - position)
                            + " are left");
        }
        return length;
    }

    private void require(int count) throws ModelFormatException {
        if (end - position < count) {
            throw truncated(
                    "a number of " + count + " bytes where " + (end - position) + " remain");
        }
    }

    private void expect(int expected) throws ModelFormatException {
        if (wireType != expected) {
            throw malformed(
                    "field " + field + " with wire type " + wireType + ", expected " + expected);
        }
    }

    ModelFormatException malformed(String found) {
        return new ModelFormatException(
                Code.MALFORMED, at(found) + "; this is no ONNX file, or a damaged one");
    }

    private ModelFormatException truncated(String found) {
        return new ModelFormatException(
                Code.TRUNCATED, at(found) + "; the file is damaged or cut short, fetch it again");
    }

    private String at(String found) {
        return file + ": " + found + " at offset " + position;
    }
}
