package io.djlnpu.onnx;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Parses {@code ModelProto}. */
final class ModelParser {

    private static final int IR_VERSION = 1;
    private static final int PRODUCER_NAME = 2;
    private static final int PRODUCER_VERSION = 3;
    private static final int GRAPH = 7;
    private static final int OPSET_IMPORT = 8;
    private static final int TRAINING_INFO = 20;
    private static final int FUNCTIONS = 25;

    private final String file;
    private final MemorySegment bytes;
    private final Budget budget;
    private final GraphParser graphs;

    /**
     * What a file says; {@code locations} maps each data file to the tensor that first names it.
     */
    record Header(
            long irVersion,
            String producer,
            Map<String, Long> operatorSets,
            Set<String> functions,
            boolean training,
            OnnxGraph graph,
            Map<String, String> locations) {}

    ModelParser(String file, MemorySegment bytes, ExternalData external) {
        this.file = file;
        this.bytes = bytes;
        this.budget = new Budget(file);
        this.graphs = new GraphParser(file, external, budget);
    }

    Header parse() throws IOException {
        if (bytes.byteSize() == 0) {
            throw new ModelFormatException(
                    Code.TRUNCATED,
                    file + ": an empty file, expected an ONNX model; fetch it again");
        }
        WireReader reader = new WireReader(file, bytes);
        long irVersion = 0;
        String name = "";
        String version = "";
        Map<String, Long> operatorSets = new LinkedHashMap<>();
        Set<String> functions = new LinkedHashSet<>();
        boolean training = false;
        OnnxGraph graph = null;
        for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
            switch (field) {
                case IR_VERSION -> irVersion = reader.readVarint();
                case PRODUCER_NAME -> name = budget.text(reader);
                case PRODUCER_VERSION -> version = budget.text(reader);
                case OPSET_IMPORT -> operatorSet(reader.readMessage(), operatorSets);
                case TRAINING_INFO -> {
                    training = true;
                    reader.skip();
                }
                case FUNCTIONS -> functions.add(functionName(reader.readMessage()));
                case GRAPH -> {
                    if (graph != null) {
                        throw reader.malformed("a second graph");
                    }
                    graph = graphs.parse(reader.readMessage(), 0);
                }
                default -> reader.skip();
            }
        }
        if (graph == null) {
            throw new ModelFormatException(
                    Code.MALFORMED, file + ": no graph inside; this is no ONNX model");
        }
        String producer = (name + " " + version).strip();
        return new Header(
                irVersion, producer, operatorSets, functions, training, graph, graphs.locations());
    }

    private void operatorSet(WireReader reader, Map<String, Long> operatorSets)
            throws ModelFormatException {
        String domain = "";
        long version = 0;
        for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
            switch (field) {
                case 1 -> domain = budget.text(reader);
                case 2 -> version = reader.readVarint();
                default -> reader.skip();
            }
        }
        budget.spend(1);
        operatorSets.put(domain.equals("ai.onnx") ? "" : domain, version);
    }

    private String functionName(WireReader reader) throws ModelFormatException {
        String name = "";
        String domain = "";
        for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
            switch (field) {
                case 1 -> name = budget.text(reader);
                case 10 -> domain = budget.text(reader);
                default -> reader.skip();
            }
        }
        budget.spend(1);
        return domain + "::" + name;
    }
}
