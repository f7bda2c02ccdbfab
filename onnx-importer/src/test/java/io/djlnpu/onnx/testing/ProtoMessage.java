package io.djlnpu.onnx.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A protobuf message as its fields in order, to be built and edited without a schema: nested
 * messages are bytes until they are parsed.
 */
public final class ProtoMessage {

    /**
     * One field.
     *
     * @param number its number
     * @param value Long for a varint, Double or Float for fixed width, bytes for everything else
     */
    private record Field(int number, Object value) {}

    private final List<Field> fields = new ArrayList<>();

    public static ProtoMessage parse(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        ProtoMessage message = new ProtoMessage();
        while (in.hasRemaining()) {
            long tag = varint(in);
            Object value =
                    switch ((int) tag & 7) {
                        case 0 -> varint(in);
                        case 1 -> Double.longBitsToDouble(in.getLong());
                        case 2 -> take(in);
                        case 5 -> Float.intBitsToFloat(in.getInt());
                        default -> throw new IllegalArgumentException("wire type of tag " + tag);
                    };
            message.fields.add(new Field((int) (tag >>> 3), value));
        }
        return message;
    }

    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Field field : fields) {
            switch (field.value) {
                case Long value -> {
                    writeVarint(out, (long) field.number << 3);
                    writeVarint(out, value);
                }
                case Double value -> {
                    writeVarint(out, (long) field.number << 3 | 1);
                    writeFixed(out, Double.doubleToRawLongBits(value), 8);
                }
                case Float value -> {
                    writeVarint(out, (long) field.number << 3 | 5);
                    writeFixed(out, Float.floatToRawIntBits(value), 4);
                }
                default -> {
                    byte[] value = (byte[]) field.value;
                    writeVarint(out, (long) field.number << 3 | 2);
                    writeVarint(out, value.length);
                    out.writeBytes(value);
                }
            }
        }
        return out.toByteArray();
    }

    public ProtoMessage add(int number, long value) {
        fields.add(new Field(number, value));
        return this;
    }

    public ProtoMessage add(int number, float value) {
        fields.add(new Field(number, value));
        return this;
    }

    public ProtoMessage add(int number, double value) {
        fields.add(new Field(number, value));
        return this;
    }

    public ProtoMessage add(int number, byte[] value) {
        fields.add(new Field(number, value));
        return this;
    }

    public ProtoMessage add(int number, String value) {
        return add(number, value.getBytes(StandardCharsets.UTF_8));
    }

    public ProtoMessage add(int number, ProtoMessage value) {
        return add(number, value.bytes());
    }

    /** Every nested message of a number, parsed: a copy. */
    public List<ProtoMessage> messages(int number) {
        return values(number).stream().map(value -> parse((byte[]) value)).toList();
    }

    /** The last nested message of a number, or null. */
    public ProtoMessage message(int number) {
        List<ProtoMessage> all = messages(number);
        return all.isEmpty() ? null : all.getLast();
    }

    public List<String> texts(int number) {
        return values(number).stream()
                .map(value -> new String((byte[]) value, StandardCharsets.UTF_8))
                .toList();
    }

    /** The last string of a number, or an empty one. */
    public String text(int number) {
        List<String> all = texts(number);
        return all.isEmpty() ? "" : all.getLast();
    }

    /** The last integer of a number, or 0. */
    public long integer(int number) {
        List<Object> all = values(number);
        return all.isEmpty() ? 0 : (Long) all.getLast();
    }

    public byte[] raw(int number) {
        List<Object> all = values(number);
        return all.isEmpty() ? null : (byte[]) all.getLast();
    }

    public boolean has(int number) {
        return fields.stream().anyMatch(field -> field.number == number);
    }

    public ProtoMessage remove(int number) {
        fields.removeIf(field -> field.number == number);
        return this;
    }

    /** Replaces every field of a number by these messages, at the end. */
    public ProtoMessage replace(int number, List<ProtoMessage> messages) {
        remove(number);
        messages.forEach(message -> add(number, message));
        return this;
    }

    public ProtoMessage replaceTexts(int number, List<String> texts) {
        remove(number);
        texts.forEach(text -> add(number, text));
        return this;
    }

    private List<Object> values(int number) {
        return fields.stream().filter(f -> f.number == number).map(Field::value).toList();
    }

    private static byte[] take(ByteBuffer in) {
        byte[] value = new byte[Math.toIntExact(varint(in))];
        in.get(value);
        return value;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static void writeVarint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static void writeFixed(ByteArrayOutputStream out, long value, int count) {
        for (int i = 0; i < count; i++) {
            out.write((int) (value >>> 8 * i));
        }
    }
}
