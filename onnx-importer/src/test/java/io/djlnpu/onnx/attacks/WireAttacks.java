package io.djlnpu.onnx.attacks;

import static io.djlnpu.onnx.testing.Onnx.*;

import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.testing.ProtoMessage;
import io.djlnpu.onnx.testing.TinyDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Bytes that are no sound protobuf, or a graph that is too much. */
final class WireAttacks {

    private static final int MILLION = 1_000_000;

    private WireAttacks() {}

    static List<Attack> list() {
        return List.of(
                raw("an empty file", Code.TRUNCATED),
                raw("a varint that does not end", Code.TRUNCATED, 0x80),
                raw(
                        "a varint of 11 bytes",
                        Code.MALFORMED,
                        8,
                        -1,
                        -1,
                        -1,
                        -1,
                        -1,
                        -1,
                        -1,
                        -1,
                        -1,
                        -1,
                        1),
                raw("a tag of 11 bytes", Code.MALFORMED, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1),
                raw("zeros", Code.MALFORMED, new int[64]),
                text("a web page", Code.MALFORMED, "<!DOCTYPE html><title>Not found</title>"),
                text("a ZIP archive", Code.MALFORMED, "PK\3\4\24\0\0\0\10\0 and the rest of it"),
                text("a Git LFS pointer", Code.MALFORMED, LFS),
                raw(
                        "a field of 2^63 bytes",
                        Code.TRUNCATED,
                        0x3A,
                        -128,
                        -128,
                        -128,
                        -128,
                        -128,
                        -128,
                        -128,
                        -128,
                        -128,
                        1),
                raw(
                        "a field of -1 bytes",
                        Code.TRUNCATED,
                        0x3A,
                        -1,
                        -1,
                        -1,
                        -1,
                        -1,
                        -1,
                        -1,
                        -1,
                        -1,
                        1),
                raw("a field one byte past the end", Code.TRUNCATED, 0x3A, 2, 0),
                raw("field number 0", Code.MALFORMED, 2, 0),
                raw("field number 2^29", Code.MALFORMED, -128, -128, -128, -128, 16, 0),
                raw("a group", Code.MALFORMED, 0x7B, 0x7C),
                raw("the end of a group that did not begin", Code.MALFORMED, 0x7C),
                raw("wire type 6", Code.MALFORMED, 0x7E, 0),
                raw("wire type 7", Code.MALFORMED, 0x7F, 0),
                raw("a 64-bit number cut short", Code.TRUNCATED, 0x79, 0, 0, 0),
                raw("a 32-bit number cut short", Code.TRUNCATED, 0x7D, 0, 0, 0),
                model(
                        "a version that is text",
                        Code.MALFORMED,
                        () -> new ProtoMessage().add(MODEL_IR_VERSION, "ten")),
                model(
                        "a graph that is a number",
                        Code.MALFORMED,
                        () -> new ProtoMessage().add(MODEL_GRAPH, 7)),
                model(
                        "no graph",
                        Code.MALFORMED,
                        () -> new ProtoMessage().add(MODEL_IR_VERSION, 10)),
                model(
                        "two graphs",
                        Code.MALFORMED,
                        () -> graphs(new ProtoMessage(), new ProtoMessage())),
                model(
                        "a producer's name of a megabyte",
                        Code.LIMIT_EXCEEDED,
                        () -> graphs(new ProtoMessage()).add(MODEL_PRODUCER, "x".repeat(MILLION))),
                graph(
                        "a node longer than its graph",
                        Code.TRUNCATED,
                        () ->
                                new ProtoMessage()
                                        .add(99, new byte[] {0x0A, 0x7F})
                                        .add(GRAPH_NODE, new byte[] {0x0A, 0x7F, 0x61})),
                graph(
                        "a node that is a number",
                        Code.MALFORMED,
                        () -> new ProtoMessage().add(GRAPH_NODE, 1)),
                graph(
                        "a node whose name is a number",
                        Code.MALFORMED,
                        () -> node(new ProtoMessage().add(NODE_NAME, 1))),
                graph("graphs 9 deep in each other", Code.LIMIT_EXCEEDED, () -> nested(9)),
                graph("graphs 3,000 deep in each other", Code.LIMIT_EXCEEDED, () -> nested(3000)),
                graph(
                        "two million nodes",
                        Code.LIMIT_EXCEEDED,
                        () -> many(GRAPH_NODE, 2 * MILLION)),
                graph(
                        "two million inputs",
                        Code.LIMIT_EXCEEDED,
                        () -> many(GRAPH_INPUT, 2 * MILLION)),
                graph(
                        "two million numbers where fields are expected",
                        Code.LIMIT_EXCEEDED,
                        () -> numbers(77, 2 * MILLION)),
                graph(
                        "a node with two million inputs",
                        Code.LIMIT_EXCEEDED,
                        () -> node(many(NODE_INPUT, 2 * MILLION))),
                graph(
                        "a node with two million attributes",
                        Code.LIMIT_EXCEEDED,
                        () -> node(many(NODE_ATTRIBUTE, 2 * MILLION))),
                attribute(
                        "ten million packed integers",
                        () -> new ProtoMessage().add(ATTRIBUTE_INTEGERS, new byte[10 * MILLION])),
                attribute(
                        "ten million packed floats",
                        () -> new ProtoMessage().add(ATTRIBUTE_FLOATS, new byte[40 * MILLION])),
                attribute(
                        "two million single integers",
                        () -> numbers(ATTRIBUTE_INTEGERS, 2 * MILLION)),
                attribute("two million single floats", () -> floats(2 * MILLION)),
                graph(
                        "an attribute whose packed floats end inside one",
                        Code.TRUNCATED,
                        () -> attributed(new ProtoMessage().add(ATTRIBUTE_FLOATS, new byte[7]))),
                graph(
                        "an attribute whose packed integers end inside one",
                        Code.TRUNCATED,
                        () ->
                                attributed(
                                        new ProtoMessage()
                                                .add(ATTRIBUTE_INTEGERS, new byte[] {1, -1}))),
                graph(
                        "a type of a million dimensions",
                        Code.LIMIT_EXCEEDED,
                        WireAttacks::longShape),
                graph(
                        "a sparse initializer",
                        Code.MALFORMED,
                        () -> new ProtoMessage().add(GRAPH_SPARSE, new byte[0])),
                graph(
                        "one initializer twice",
                        Code.OVERLAP,
                        () ->
                                new ProtoMessage()
                                        .add(
                                                GRAPH_INITIALIZER,
                                                TinyDecoder.floats("a", new float[1]))
                                        .add(
                                                GRAPH_INITIALIZER,
                                                TinyDecoder.floats("a", new float[1]))));
    }

    private static final String LFS =
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";

    private static Attack raw(String what, Code code, int... bytes) {
        byte[] file = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            file[i] = (byte) bytes[i];
        }
        return file(what, code, () -> file);
    }

    private static Attack text(String what, Code code, String text) {
        return file(what, code, () -> text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Attack model(String what, Code code, Supplier<ProtoMessage> model) {
        return file(what, code, () -> model.get().bytes());
    }

    private static Attack graph(String what, Code code, Supplier<ProtoMessage> graph) {
        return file(what, code, () -> graphs(graph.get()).bytes());
    }

    private static Attack attribute(String what, Supplier<ProtoMessage> attribute) {
        return graph(
                "an attribute of " + what, Code.LIMIT_EXCEEDED, () -> attributed(attribute.get()));
    }

    private static Attack file(String what, Code code, Supplier<byte[]> bytes) {
        return new Attack(
                what,
                code,
                folder -> Reading.graph(Files.write(folder.resolve("model.onnx"), bytes.get())));
    }

    private static ProtoMessage graphs(ProtoMessage... graphs) {
        return new ProtoMessage().replace(MODEL_GRAPH, Arrays.asList(graphs));
    }

    private static ProtoMessage node(ProtoMessage node) {
        return new ProtoMessage().add(GRAPH_NODE, node);
    }

    private static ProtoMessage attributed(ProtoMessage attribute) {
        return node(new ProtoMessage().add(NODE_ATTRIBUTE, attribute));
    }

    private static ProtoMessage nested(int depth) {
        ProtoMessage graph = new ProtoMessage();
        for (int i = 0; i < depth; i++) {
            graph = attributed(new ProtoMessage().add(ATTRIBUTE_GRAPH, graph));
        }
        return graph;
    }

    private static ProtoMessage many(int field, int count) {
        ProtoMessage message = new ProtoMessage();
        byte[] empty = {};
        for (int i = 0; i < count; i++) {
            message.add(field, empty);
        }
        return message;
    }

    private static ProtoMessage numbers(int field, int count) {
        ProtoMessage message = new ProtoMessage();
        for (int i = 0; i < count; i++) {
            message.add(field, 1L);
        }
        return message;
    }

    private static ProtoMessage floats(int count) {
        ProtoMessage message = new ProtoMessage();
        for (int i = 0; i < count; i++) {
            message.add(ATTRIBUTE_FLOATS, 1f);
        }
        return message;
    }

    private static ProtoMessage longShape() {
        ProtoMessage type = new ProtoMessage().add(2, many(1, MILLION + 1));
        return new ProtoMessage()
                .add(
                        GRAPH_INPUT,
                        new ProtoMessage().add(VALUE_TYPE, new ProtoMessage().add(1, type)));
    }
}
