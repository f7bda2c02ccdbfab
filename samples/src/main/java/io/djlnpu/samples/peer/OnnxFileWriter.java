package io.djlnpu.samples.peer;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Writes an ONNX file whose weights lie beside it, node by node: as much of the format as a graph
 * for ONNX Runtime needs.
 *
 * <p><b>Source</b>: onnx.proto; the numbers below are its field numbers.
 */
final class OnnxFileWriter implements AutoCloseable {

    private static final int FLOAT = 1;
    private static final int UINT8 = 2;
    private static final int INT64 = 7;
    private static final int EXTERNAL = 1;

    private final Path file;
    private final String name;
    private final OutputStream data;
    private final Message graph = new Message();
    private long dataBytes;

    OnnxFileWriter(Path file, String name) throws IOException {
        this.file = file;
        this.name = name;
        data = new BufferedOutputStream(Files.newOutputStream(dataFile()), 1 << 20);
    }

    private Path dataFile() {
        return file.resolveSibling(file.getFileName() + ".data");
    }

    /** A protobuf message in the making. */
    private static final class Message {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        private void varint(long value) {
            long left = value;
            while ((left & ~0x7fL) != 0) {
                bytes.write((int) (left & 0x7f | 0x80));
                left >>>= 7;
            }
            bytes.write((int) left);
        }

        Message number(int field, long value) {
            varint((long) field << 3);
            varint(value);
            return this;
        }

        Message real(int field, float value) {
            varint((long) field << 3 | 5);
            bytes.writeBytes(
                    ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
            return this;
        }

        Message bytes(int field, byte[] value) {
            varint((long) field << 3 | 2);
            varint(value.length);
            bytes.writeBytes(value);
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.bytes.toByteArray());
        }
    }

    /** A dimension is a number, or the name of one that is known only when the graph runs. */
    private static Message tensorType(String name, int type, Object... shape) {
        Message dimensions = new Message();
        for (Object extent : shape) {
            dimensions.message(
                    1,
                    extent instanceof String symbol
                            ? new Message().text(2, symbol)
                            : new Message().number(1, ((Number) extent).longValue()));
        }
        Message tensor = new Message().number(1, type).message(2, dimensions);
        return new Message().text(1, name).message(2, new Message().message(1, tensor));
    }

    void input(String name, Object... shape) {
        graph.message(11, tensorType(name, FLOAT, shape));
    }

    void integerInput(String name, Object... shape) {
        graph.message(11, tensorType(name, INT64, shape));
    }

    void output(String name, Object... shape) {
        graph.message(12, tensorType(name, FLOAT, shape));
    }

    /** A float32 initializer in the data file. */
    String weight(String name, float[] values, long... shape) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return external(name, FLOAT, bytes.array(), shape);
    }

    /** A uint8 initializer in the data file. */
    String codes(String name, byte[] values, long... shape) throws IOException {
        return external(name, UINT8, values, shape);
    }

    private String external(String name, int type, byte[] values, long... shape)
            throws IOException {
        Message tensor = new Message();
        for (long extent : shape) {
            tensor.number(1, extent);
        }
        tensor.number(2, type).text(8, name);
        entry(tensor, "location", dataFile().getFileName().toString());
        entry(tensor, "offset", Long.toString(dataBytes));
        entry(tensor, "length", Long.toString(values.length));
        graph.message(5, tensor.number(14, EXTERNAL));
        data.write(values);
        dataBytes += values.length;
        return name;
    }

    private static void entry(Message tensor, String key, String value) {
        tensor.message(13, new Message().text(1, key).text(2, value));
    }

    /** A one-dimensional int64 initializer. */
    String integers(String name, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        graph.message(
                5,
                new Message()
                        .number(1, values.length)
                        .number(2, INT64)
                        .text(8, name)
                        .bytes(9, bytes.array()));
        return name;
    }

    /** A node of one output; attributes are Long, Float, String or long[]. */
    String node(
            String domain,
            String operator,
            String output,
            Map<String, Object> attributes,
            String... inputs) {
        return node(domain, operator, List.of(output), attributes, inputs);
    }

    /** A node; an output without a name is left out. Returns the first output. */
    String node(
            String domain,
            String operator,
            List<String> outputs,
            Map<String, Object> attributes,
            String... inputs) {
        Message node = new Message();
        for (String input : inputs) {
            node.text(1, input);
        }
        for (String output : outputs) {
            node.text(2, output);
        }
        node.text(3, outputs.getFirst()).text(4, operator);
        attributes.forEach((name, value) -> node.message(5, attribute(name, value)));
        graph.message(1, node.text(7, domain));
        return outputs.getFirst();
    }

    private static Message attribute(String name, Object value) {
        Message attribute = new Message().text(1, name);
        switch (value) {
            case Float real -> attribute.real(2, real).number(20, 1);
            case Long number -> attribute.number(3, number).number(20, 2);
            case String text -> attribute.text(4, text).number(20, 3);
            case long[] numbers -> {
                for (long number : numbers) {
                    attribute.number(8, number);
                }
                attribute.number(20, 7);
            }
            default -> throw new IllegalArgumentException(name + " of " + value.getClass());
        }
        return attribute;
    }

    /** Writes what was declared. */
    @Override
    public void close() throws IOException {
        data.close();
        Message model =
                new Message()
                        .number(1, 10)
                        .message(7, graph.text(2, name))
                        .message(8, new Message().text(1, "").number(2, 20))
                        .message(8, new Message().text(1, "com.microsoft").number(2, 1));
        Files.write(file, model.bytes.toByteArray());
    }
}
