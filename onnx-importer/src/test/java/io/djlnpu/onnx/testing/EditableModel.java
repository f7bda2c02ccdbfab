package io.djlnpu.onnx.testing;

import static io.djlnpu.onnx.testing.Onnx.*;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * A whole ONNX model in memory, external data included, to make variants of that mean the same.
 *
 * <p>Edits return the model itself.
 */
public final class EditableModel {

    private static final int TENSOR_ATTRIBUTE = 4;
    private static final int ALIGNMENT = 64;

    private final ProtoMessage model;
    private final ProtoMessage graph;

    private EditableModel(ProtoMessage model) {
        this.model = model;
        this.graph = model.message(MODEL_GRAPH);
    }

    public static EditableModel read(Path file) throws IOException {
        EditableModel read = new EditableModel(ProtoMessage.parse(Files.readAllBytes(file)));
        List<ProtoMessage> tensors = new ArrayList<>();
        for (ProtoMessage tensor : read.graph.messages(GRAPH_INITIALIZER)) {
            tensors.add(inlined(tensor, file.toAbsolutePath().getParent()));
        }
        read.graph.replace(GRAPH_INITIALIZER, tensors);
        return read;
    }

    private static ProtoMessage inlined(ProtoMessage tensor, Path folder) throws IOException {
        if (tensor.integer(TENSOR_LOCATION) != 1) {
            return tensor;
        }
        Map<String, String> entries = new HashMap<>();
        for (ProtoMessage entry : tensor.messages(TENSOR_EXTERNAL)) {
            entries.put(entry.text(ENTRY_KEY), entry.text(ENTRY_VALUE));
        }
        byte[] data = new byte[Integer.parseInt(entries.get("length"))];
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve(entries.get("location")).toFile(), "r")) {
            file.seek(Long.parseLong(entries.getOrDefault("offset", "0")));
            file.readFully(data);
        }
        return tensor.remove(TENSOR_EXTERNAL).remove(TENSOR_LOCATION).add(TENSOR_RAW, data);
    }

    public static EditableModel of(ProtoMessage model) {
        return new EditableModel(model);
    }

    public ProtoMessage model() {
        return model;
    }

    public ProtoMessage graph() {
        return graph;
    }

    public List<ProtoMessage> nodes() {
        return graph.messages(GRAPH_NODE);
    }

    /** Changes each node, or drops it where the edit returns null. */
    public EditableModel editNodes(UnaryOperator<ProtoMessage> edit) {
        List<ProtoMessage> edited = new ArrayList<>();
        for (ProtoMessage node : nodes()) {
            ProtoMessage next = edit.apply(node);
            if (next != null) {
                edited.add(next);
            }
        }
        graph.replace(GRAPH_NODE, edited);
        return this;
    }

    /** Changes each initializer. */
    public EditableModel editTensors(UnaryOperator<ProtoMessage> edit) {
        graph.replace(
                GRAPH_INITIALIZER, graph.messages(GRAPH_INITIALIZER).stream().map(edit).toList());
        return this;
    }

    /** Replaces every name by one that says nothing, and drops everything else that is words. */
    public EditableModel renamed() {
        Map<String, String> names = new HashMap<>();
        UnaryOperator<String> rename =
                old -> old.isEmpty() ? "" : names.computeIfAbsent(old, n -> "v" + names.size());
        model.remove(MODEL_PRODUCER).remove(3).remove(6).remove(14);
        graph.replaceTexts(GRAPH_NAME, List.of("g")).remove(GRAPH_DOCUMENTATION);
        graph.remove(GRAPH_VALUE).remove(14).remove(16);
        editTensors(t -> t.replaceTexts(TENSOR_NAME, List.of(rename.apply(t.text(TENSOR_NAME)))));
        for (int border : new int[] {GRAPH_INPUT, GRAPH_OUTPUT}) {
            graph.replace(
                    border,
                    graph.messages(border).stream()
                            .map(v -> v.replaceTexts(VALUE_NAME, List.of(rename.apply(v.text(1)))))
                            .toList());
        }
        int[] count = {0};
        return editNodes(
                node ->
                        node.replaceTexts(
                                        NODE_INPUT,
                                        node.texts(NODE_INPUT).stream().map(rename).toList())
                                .replaceTexts(
                                        NODE_OUTPUT,
                                        node.texts(NODE_OUTPUT).stream().map(rename).toList())
                                .replaceTexts(NODE_NAME, List.of("n" + count[0]++))
                                .remove(NODE_DOCUMENTATION)
                                .remove(NODE_METADATA));
    }

    /** Brings nodes and initializers into another order that is as valid. */
    public EditableModel reordered(long seed) {
        Random random = new Random(seed);
        List<ProtoMessage> nodes = nodes();
        Map<String, Integer> makers = new HashMap<>();
        List<List<Integer>> users = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            int maker = i;
            users.add(new ArrayList<>());
            nodes.get(i).texts(NODE_OUTPUT).forEach(output -> makers.put(output, maker));
        }
        int[] waitsFor = new int[nodes.size()];
        List<Integer> ready = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            for (String input : nodes.get(i).texts(NODE_INPUT)) {
                if (!input.isEmpty() && makers.containsKey(input)) {
                    users.get(makers.get(input)).add(i);
                    waitsFor[i]++;
                }
            }
            if (waitsFor[i] == 0) {
                ready.add(i);
            }
        }
        List<ProtoMessage> ordered = new ArrayList<>();
        while (!ready.isEmpty()) {
            int next = ready.remove(random.nextInt(ready.size()));
            ordered.add(nodes.get(next));
            for (int user : users.get(next)) {
                if (--waitsFor[user] == 0) {
                    ready.add(user);
                }
            }
        }
        graph.replace(GRAPH_NODE, ordered);
        List<ProtoMessage> tensors = new ArrayList<>(graph.messages(GRAPH_INITIALIZER));
        Collections.shuffle(tensors, random);
        graph.replace(GRAPH_INITIALIZER, tensors);
        return this;
    }

    /** Moves every initializer into a Constant node. */
    public EditableModel withConstants() {
        List<ProtoMessage> nodes = new ArrayList<>();
        for (ProtoMessage tensor : graph.messages(GRAPH_INITIALIZER)) {
            String name = tensor.text(TENSOR_NAME);
            nodes.add(
                    new ProtoMessage()
                            .add(NODE_OUTPUT, name)
                            .add(NODE_OPERATOR, "Constant")
                            .add(
                                    NODE_ATTRIBUTE,
                                    new ProtoMessage()
                                            .add(ATTRIBUTE_NAME, "value")
                                            .add(ATTRIBUTE_TENSOR, tensor)
                                            .add(ATTRIBUTE_TYPE, TENSOR_ATTRIBUTE)));
        }
        nodes.addAll(nodes());
        graph.remove(GRAPH_INITIALIZER).replace(GRAPH_NODE, nodes);
        return this;
    }

    /** The model with everything in one file. */
    public byte[] bytes() {
        ProtoMessage whole = ProtoMessage.parse(model.bytes());
        return whole.replace(MODEL_GRAPH, List.of(graph)).bytes();
    }

    /** Writes the model with its tensors dealt out over several data files. */
    public void writeSplit(Path file, int parts) throws IOException {
        Map<String, ByteArrayOutputStream> data = new LinkedHashMap<>();
        List<ProtoMessage> tensors = new ArrayList<>();
        for (ProtoMessage tensor : graph.messages(GRAPH_INITIALIZER)) {
            byte[] raw = tensor.raw(TENSOR_RAW);
            if (raw == null || raw.length == 0) {
                tensors.add(tensor);
                continue;
            }
            String location = file.getFileName() + ".part" + tensors.size() % parts;
            var out = data.computeIfAbsent(location, l -> new ByteArrayOutputStream());
            // an odd start: nothing may rely on alignment
            out.writeBytes(new byte[ALIGNMENT - 1 - out.size() % ALIGNMENT]);
            tensors.add(
                    tensor.remove(TENSOR_RAW)
                            .add(TENSOR_EXTERNAL, entry("location", location))
                            .add(TENSOR_EXTERNAL, entry("offset", "" + out.size()))
                            .add(TENSOR_EXTERNAL, entry("length", "" + raw.length))
                            .add(TENSOR_LOCATION, 1));
            out.writeBytes(raw);
        }
        graph.replace(GRAPH_INITIALIZER, tensors);
        for (var part : data.entrySet()) {
            Files.write(file.resolveSibling(part.getKey()), part.getValue().toByteArray());
        }
        Files.write(file, bytes());
    }

    public static ProtoMessage entry(String key, String value) {
        return new ProtoMessage().add(ENTRY_KEY, key).add(ENTRY_VALUE, value);
    }

    /** The attribute of a node by name, or null. */
    public static ProtoMessage attribute(ProtoMessage node, String name) {
        return node.messages(NODE_ATTRIBUTE).stream()
                .filter(a -> Arrays.equals(a.raw(1), name.getBytes(StandardCharsets.UTF_8)))
                .findFirst()
                .orElse(null);
    }
}
