package io.djlnpu.samples.peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Sets how ONNX Runtime multiplies 4-bit weights: {@code accuracy_level} of its {@code MatMulNBits}
 * is 4 for activations rounded to 8 bits, as the exporters write it, and 0 for float32.
 */
final class MatMulAccuracy {

    static final String ATTRIBUTE = "accuracy_level";
    static final long AS_EXPORTED = 4;

    /** AttributeProto.i as protobuf writes it: the field's tag, then a number below 128. */
    private static final byte NUMBER_TAG = 0x18;

    /** AttributeProto.type with the value INT, which some writers put before the number. */
    private static final byte[] TYPE = {(byte) 0xa0, 1, 2};

    private MatMulAccuracy() {}

    /**
     * Writes a copy of a graph beside links to the files that it came with.
     *
     * @param onnx the graph; every 4-bit product must have the attribute
     * @param level 0 to 4
     * @param folder an empty folder on the same file system, else the data is copied
     * @return the copy
     */
    static Path copy(Path onnx, int level, Path folder) throws IOException {
        byte[] graph = Files.readAllBytes(onnx);
        if (set(graph, level) == 0) {
            throw new IOException(
                    onnx + ": no MatMulNBits with an " + ATTRIBUTE + ", so it cannot be set");
        }
        try (Stream<Path> files = Files.list(onnx.toAbsolutePath().getParent())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.getFileName().equals(onnx.getFileName())) {
                    link(file.toRealPath(), folder.resolve(file.getFileName()));
                }
            }
        }
        return Files.write(folder.resolve(onnx.getFileName()), graph);
    }

    private static void link(Path file, Path as) throws IOException {
        try {
            Files.createLink(as, file);
        } catch (IOException | UnsupportedOperationException e) {
            Files.copy(file, as);
        }
    }

    /** Overwrites the numbers in place; returns how many. */
    static int set(byte[] graph, int level) {
        byte[] name = ATTRIBUTE.getBytes(StandardCharsets.US_ASCII);
        int count = 0;
        for (int i = 0; i + name.length + TYPE.length + 2 <= graph.length; i++) {
            if (!Arrays.equals(graph, i, i + name.length, name, 0, name.length)) {
                continue;
            }
            int at = i + name.length;
            if (Arrays.equals(graph, at, at + TYPE.length, TYPE, 0, TYPE.length)) {
                at += TYPE.length;
            }
            if (graph[at] == NUMBER_TAG) {
                graph[at + 1] = (byte) level;
                count++;
            }
        }
        return count;
    }
}
