package io.djlnpu.onnx;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Parses {@code GraphProto}, its nodes and their attributes. */
final class GraphParser {

    private static final int DEEPEST_GRAPH = 8;

    private final String file;
    private final Budget budget;
    private final TensorParser tensors;
    private final Map<String, String> locations = new LinkedHashMap<>();

    GraphParser(String file, ExternalData external, Budget budget) {
        this.file = file;
        this.budget = budget;
        this.tensors = new TensorParser(file, external, budget);
    }

    Map<String, String> locations() {
        return locations;
    }

    OnnxGraph parse(WireReader reader, int depth) throws IOException {
        if (depth > DEEPEST_GRAPH) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    file + ": graphs nested deeper than " + DEEPEST_GRAPH + ", no model does that");
        }
        String name = "";
        List<OnnxNode> nodes = new ArrayList<>();
        Map<String, OnnxTensor> initializers = new LinkedHashMap<>();
        List<OnnxValue> inputs = new ArrayList<>();
        List<OnnxValue> outputs = new ArrayList<>();
        for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
            budget.spend(1);
            switch (field) {
                case 1 -> nodes.add(node(reader.readMessage(), nodes.size(), depth));
                case 2 -> name = budget.text(reader);
                case 5 -> {
                    OnnxTensor tensor = tensor(reader);
                    if (initializers.put(tensor.name(), tensor) != null) {
                        throw new ModelFormatException(
                                Code.OVERLAP,
                                tensor.where() + " occurs twice; the file is damaged");
                    }
                }
                case 11 -> inputs.add(value(reader.readMessage()));
                case 12 -> outputs.add(value(reader.readMessage()));
                case 15 -> throw reader.malformed("a sparse initializer, unsupported,");
                default -> reader.skip();
            }
        }
        inputs.removeIf(input -> initializers.containsKey(input.name()));
        return new OnnxGraph(name, nodes, initializers, inputs, outputs);
    }

    private OnnxTensor tensor(WireReader reader) throws IOException {
        MemorySegment message = reader.readBytes();
        return tensors.parse(new WireReader(file, message), message, locations);
    }

    private OnnxNode node(WireReader reader, int index, int depth) throws IOException {
        List<String> inputs = new ArrayList<>(4);
        List<String> outputs = new ArrayList<>(1);
        String name = "";
        String operator = "";
        String domain = "";
        Map<String, OnnxAttribute> attributes = new HashMap<>();
        for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
            switch (field) {
                case 1 -> inputs.add(budget.text(reader));
                case 2 -> outputs.add(budget.text(reader));
                case 3 -> name = budget.text(reader);
                case 4 -> operator = budget.text(reader);
                case 5 -> attribute(reader.readMessage(), attributes, depth);
                case 7 -> domain = budget.text(reader);
                default -> reader.skip();
            }
        }
        String set = domain.equals("ai.onnx") ? "" : domain;
        return new OnnxNode(
                index, name, operator.intern(), set.intern(), inputs, outputs, attributes);
    }

    private void attribute(WireReader reader, Map<String, OnnxAttribute> attributes, int depth)
            throws IOException {
        String name = "";
        String text = "";
        LongStream.Builder integers = LongStream.builder();
        Reals reals = new Reals();
        OnnxTensor tensor = null;
        List<OnnxGraph> graphs = new ArrayList<>(0);
        for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
            switch (field) {
                case 1 -> name = budget.text(reader);
                case 2 -> reals.add(reader.readFloat());
                case 3 -> integers.add(reader.readVarint());
                case 4 -> text = shortText(reader);
                case 5 -> tensor = tensor(reader);
                case 6, 11 -> graphs.add(parse(reader.readMessage(), depth + 1));
                case 7 -> appendReals(reals, reader);
                case 8 -> appendIntegers(integers, reader);
                default -> reader.skip();
            }
        }
        budget.spend(1);
        attributes.put(
                name,
                new OnnxAttribute(
                        integers.build().toArray(),
                        reals.toArray(),
                        text,
                        tensor,
                        List.copyOf(graphs)));
    }

    /** Compiled blobs of other runtimes are strings of many megabytes; nobody asks for them. */
    private String shortText(WireReader reader) throws ModelFormatException {
        MemorySegment text = reader.readBytes();
        return MappedFiles.start(text, 1024);
    }

    private void appendReals(Reals reals, WireReader reader) throws ModelFormatException {
        if (reader.wireType() == WireReader.FIXED32) {
            budget.spend(1);
            reals.add(reader.readFloat());
            return;
        }
        WireReader packed = reader.readMessage();
        budget.spend(packed.remaining() / 4);
        while (!packed.atEnd()) {
            reals.add(Float.intBitsToFloat(packed.fixed32()));
        }
    }

    private void appendIntegers(LongStream.Builder integers, WireReader reader)
            throws ModelFormatException {
        if (reader.wireType() == WireReader.VARINT) {
            budget.spend(1);
            integers.add(reader.readVarint());
            return;
        }
        WireReader packed = reader.readMessage();
        budget.spend(packed.remaining());
        while (!packed.atEnd()) {
            integers.add(packed.varint());
        }
    }

    /** Floats that grow in number. */
    private static final class Reals {
        private float[] values = {};
        private int count;

        void add(float value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, Math.max(1, 2 * count));
            }
            values[count++] = value;
        }

        float[] toArray() {
            return Arrays.copyOf(values, count);
        }
    }

    private OnnxValue value(WireReader reader) throws ModelFormatException {
        String name = "";
        int elementType = 0;
        List<Long> dimensions = new ArrayList<>();
        for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
            switch (field) {
                case 1 -> name = budget.text(reader);
                case 2 -> elementType = type(reader.readMessage(), dimensions);
                default -> reader.skip();
            }
        }
        return new OnnxValue(name, elementType, dimensions);
    }

    private int type(WireReader reader, List<Long> dimensions) throws ModelFormatException {
        int elementType = 0;
        for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
            if (field != 1) {
                reader.skip();
                continue;
            }
            WireReader tensor = reader.readMessage();
            for (int inner = tensor.nextField(); inner != 0; inner = tensor.nextField()) {
                switch (inner) {
                    case 1 -> elementType = (int) tensor.readVarint();
                    case 2 -> shape(tensor.readMessage(), dimensions);
                    default -> tensor.skip();
                }
            }
        }
        return elementType;
    }

    private void shape(WireReader reader, List<Long> dimensions) throws ModelFormatException {
        for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
            if (field != 1) {
                reader.skip();
                continue;
            }
            budget.spend(1);
            WireReader dimension = reader.readMessage();
            long length = -1;
            for (int inner = dimension.nextField(); inner != 0; inner = dimension.nextField()) {
                if (inner == 1) {
                    length = dimension.readVarint();
                } else {
                    dimension.skip();
                }
            }
            dimensions.add(length);
        }
    }
}
