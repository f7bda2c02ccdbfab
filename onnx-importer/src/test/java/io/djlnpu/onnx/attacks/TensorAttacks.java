package io.djlnpu.onnx.attacks;

import static io.djlnpu.onnx.testing.Onnx.*;

import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.ProtoMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Constants that lie about their shape, their values or the file that holds them. */
final class TensorAttacks {

    private static final int FLOAT = 1;

    private TensorAttacks() {}

    static List<Attack> list() {
        return List.of(
                tensor("a negative length", Code.MALFORMED, dims(FLOAT, 4, -1)),
                tensor("a length of -2^63", Code.MALFORMED, dims(FLOAT, Long.MIN_VALUE)),
                tensor("a length of 2^62", Code.LIMIT_EXCEEDED, dims(FLOAT, 1L << 62)),
                tensor(
                        "a shape that overflows 64 bits",
                        Code.LIMIT_EXCEEDED,
                        dims(FLOAT, 1L << 40, 1L << 40)),
                tensor(
                        "a shape whose product wraps to the right size",
                        Code.LIMIT_EXCEEDED,
                        dims(FLOAT, (1L << 62) + 1, 4)),
                tensor(
                        "a shape that overflows only with its type",
                        Code.LIMIT_EXCEEDED,
                        dims(11, 1L << 30, 1L << 30)),
                tensor("nothing of 2^50 columns", Code.LIMIT_EXCEEDED, dims(FLOAT, 0, 1L << 50)),
                tensor("9 dimensions", Code.LIMIT_EXCEEDED, dims(FLOAT, 1, 1, 1, 1, 1, 1, 1, 1, 1)),
                tensor(
                        "a million packed dimensions",
                        Code.LIMIT_EXCEEDED,
                        new ProtoMessage().add(TENSOR_DIMS, new byte[1_000_000])),
                tensor(
                        "packed dimensions that end inside one",
                        Code.TRUNCATED,
                        new ProtoMessage().add(TENSOR_DIMS, new byte[] {-1})),
                tensor(
                        "dimensions that are floats",
                        Code.MALFORMED,
                        new ProtoMessage().add(TENSOR_DIMS, 1f)),
                tensor(
                        "raw data one byte short",
                        Code.TRUNCATED,
                        dims(FLOAT, 2).add(TENSOR_RAW, new byte[7])),
                tensor(
                        "raw data one byte long",
                        Code.SHAPE_MISMATCH,
                        dims(FLOAT, 2).add(TENSOR_RAW, new byte[9])),
                tensor(
                        "raw nibbles one byte long",
                        Code.SHAPE_MISMATCH,
                        dims(21, 3).add(TENSOR_RAW, new byte[3])),
                tensor("a scalar without data", Code.TRUNCATED, dims(FLOAT)),
                tensor("a shape of 2^39 without data", Code.TRUNCATED, dims(FLOAT, 1L << 39)),
                tensor("too few floats", Code.TRUNCATED, dims(FLOAT, 2).add(TENSOR_FLOATS, 1f)),
                tensor(
                        "too many floats",
                        Code.SHAPE_MISMATCH,
                        dims(FLOAT, 1).add(TENSOR_FLOATS, 1f).add(TENSOR_FLOATS, 1f)),
                tensor(
                        "too many packed floats",
                        Code.SHAPE_MISMATCH,
                        dims(FLOAT, 1).add(TENSOR_FLOATS, new byte[8])),
                tensor(
                        "packed floats that end inside one",
                        Code.TRUNCATED,
                        dims(FLOAT, 2).add(TENSOR_FLOATS, new byte[7])),
                tensor(
                        "floats where integers belong",
                        Code.TRUNCATED,
                        dims(7, 1).add(TENSOR_FLOATS, 1f)),
                tensor(
                        "integers of the wrong width",
                        Code.TRUNCATED,
                        dims(7, 1).add(TENSOR_INT32S, 1)),
                tensor(
                        "no element type",
                        Code.UNSUPPORTED_ENCODING,
                        dims(0, 1).add(TENSOR_RAW, new byte[4])),
                tensor("strings", Code.UNSUPPORTED_ENCODING, dims(8, 1)),
                tensor(
                        "8-bit floats",
                        Code.UNSUPPORTED_ENCODING,
                        dims(17, 4).add(TENSOR_RAW, new byte[4])),
                tensor(
                        "an element type that nobody has defined",
                        Code.UNSUPPORTED_ENCODING,
                        dims(1 << 20, 1)),
                tensor("an element type of -1", Code.UNSUPPORTED_ENCODING, dims(-1, 1)),
                tensor("segments", Code.MALFORMED, dims(FLOAT, 1).add(TENSOR_SEGMENT, new byte[0])),
                external("in the parent folder", Code.PATH_ESCAPE, "../data"),
                external("behind '..' in the middle", Code.PATH_ESCAPE, "a/../../data"),
                external("behind '..' that leads back", Code.PATH_ESCAPE, "a/../data"),
                external("with an absolute path", Code.PATH_ESCAPE, "/etc/passwd"),
                external("on a drive", Code.PATH_ESCAPE, "C:data"),
                external("with backslashes", Code.PATH_ESCAPE, "..\\data"),
                external("with a NUL in its name", Code.PATH_ESCAPE, "data\0"),
                external("without a name", Code.PATH_ESCAPE, ""),
                external("that is the folder", Code.PATH_ESCAPE, "."),
                external("with a name of 70,000 bytes", Code.LIMIT_EXCEEDED, "d".repeat(70_000)),
                external("with a name of 5,000 bytes", Code.MISSING_FILE, "d".repeat(5_000)),
                external("that is not there", Code.MISSING_FILE, "missing"),
                prepared("that is a folder", Code.MALFORMED, data -> Files.createDirectory(data)),
                prepared(
                        "that is a named pipe",
                        Code.MALFORMED,
                        data -> new ProcessBuilder("mkfifo", data.toString()).start().waitFor()),
                prepared(
                        "that is a link to another folder",
                        Code.PATH_ESCAPE,
                        data -> Files.createSymbolicLink(data, secret(data))),
                prepared(
                        "that is a link to nothing",
                        Code.MISSING_FILE,
                        data -> Files.createSymbolicLink(data, Path.of("nothing"))),
                prepared(
                        "that is a link to itself",
                        Code.MISSING_FILE,
                        data -> Files.createSymbolicLink(data, data)),
                prepared(
                        "that is a Git LFS pointer",
                        Code.MALFORMED,
                        data ->
                                Files.writeString(
                                        data,
                                        "version https://git-lfs.github.com/spec/v1\noid sha256:00\n")),
                new Attack(
                        "external data in a folder that is a link",
                        Code.PATH_ESCAPE,
                        folder -> {
                            Path model = Files.createDirectory(folder.resolve("model"));
                            Path sub = model.resolve("sub");
                            Files.createSymbolicLink(sub, secret(sub).getParent());
                            read(model, pointing("sub/secret"));
                        }),
                range("at an offset past the end", Code.TRUNCATED, "17", "4"),
                range("at an offset near 2^63", Code.TRUNCATED, "999999999999999999", "4"),
                range("at an offset of 30 digits", Code.MALFORMED, "9".repeat(30), "4"),
                range("at an offset of -4", Code.MALFORMED, "-4", "4"),
                range("at an offset of 0x4", Code.MALFORMED, "0x4", "4"),
                range("with a length past the end", Code.TRUNCATED, "0", "17"),
                range("with a length near 2^63", Code.TRUNCATED, "8", "999999999999999999"),
                range("with a length of -1", Code.MALFORMED, "0", "-1"),
                range("shorter than the shape", Code.TRUNCATED, "0", "3"),
                range("longer than the shape", Code.SHAPE_MISMATCH, "0", "5"));
    }

    private static ProtoMessage dims(long type, long... dims) {
        ProtoMessage tensor = new ProtoMessage();
        for (long dim : dims) {
            tensor.add(TENSOR_DIMS, dim);
        }
        return tensor.add(TENSOR_TYPE, type).add(TENSOR_NAME, "a");
    }

    private static Attack tensor(String what, Code code, ProtoMessage tensor) {
        return new Attack("a tensor with " + what, code, folder -> read(folder, tensor));
    }

    private static ProtoMessage pointing(String location) {
        return dims(FLOAT, 1)
                .add(TENSOR_EXTERNAL, EditableModel.entry("location", location))
                .add(TENSOR_LOCATION, 1);
    }

    private static Attack external(String what, Code code, String location) {
        return new Attack(
                "external data " + what, code, folder -> read(folder, pointing(location)));
    }

    private static Attack prepared(String what, Code code, Attack.Action preparation) {
        return new Attack(
                "external data " + what,
                code,
                folder -> {
                    Path model = Files.createDirectory(folder.resolve("model"));
                    preparation.run(model.resolve("data"));
                    read(model, pointing("data"));
                });
    }

    /** A file outside the model's folder that must not be reached. */
    private static Path secret(Path data) throws IOException {
        return Files.write(data.resolveSibling("../secret").normalize(), new byte[4]);
    }

    private static Attack range(String what, Code code, String offset, String length) {
        return new Attack(
                "external data " + what,
                code,
                folder -> {
                    Files.write(folder.resolve("data"), new byte[16]);
                    read(
                            folder,
                            pointing("data")
                                    .add(TENSOR_EXTERNAL, EditableModel.entry("offset", offset))
                                    .add(TENSOR_EXTERNAL, EditableModel.entry("length", length)));
                });
    }

    private static void read(Path folder, ProtoMessage tensor) throws IOException {
        ProtoMessage graph = new ProtoMessage().add(GRAPH_INITIALIZER, tensor);
        byte[] bytes = new ProtoMessage().add(MODEL_GRAPH, graph).bytes();
        Reading.graph(Files.write(folder.resolve("model.onnx"), bytes));
    }
}
