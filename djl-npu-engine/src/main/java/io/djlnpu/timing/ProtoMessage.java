package io.djlnpu.timing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A protobuf message in the making: numbers as varints, texts and messages with their lengths. */
final class ProtoMessage {

    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    ProtoMessage number(int field, long value) {
        tag(bytes, field, VARINT);
        varint(bytes, value);
        return this;
    }

    ProtoMessage text(int field, String value) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        tag(bytes, field, LENGTH_DELIMITED);
        varint(bytes, encoded.length);
        bytes.writeBytes(encoded);
        return this;
    }

    ProtoMessage message(int field, ProtoMessage value) {
        tag(bytes, field, LENGTH_DELIMITED);
        varint(bytes, value.bytes.size());
        bytes.writeBytes(value.bytes.toByteArray());
        return this;
    }

    /** Appends the message to a stream of its parent's fields. */
    void writeTo(OutputStream target, int field) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        tag(head, field, LENGTH_DELIMITED);
        varint(head, bytes.size());
        head.writeTo(target);
        bytes.writeTo(target);
    }

    private static void tag(ByteArrayOutputStream target, int field, int type) {
        varint(target, (long) field << 3 | type);
    }

    private static void varint(ByteArrayOutputStream target, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            target.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        target.write((int) rest);
    }
}
