package io.djlnpu.attacks;

import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Safetensors files that lie. */
final class ContainerAttacks {

    private static final String TENSOR = "{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}";

    private ContainerAttacks() {}

    static List<Attack> list() {
        return List.of(
                raw("an empty file", Code.TRUNCATED, new byte[0]),
                raw("seven bytes", Code.TRUNCATED, new byte[7]),
                raw("a header length and nothing else", Code.TRUNCATED, length(64)),
                raw("a header of 0 bytes", Code.LIMIT_EXCEEDED, length(0)),
                raw("a header of 1 byte", Code.LIMIT_EXCEEDED, length(1)),
                raw("a header of 2^63 bytes", Code.LIMIT_EXCEEDED, length(Long.MIN_VALUE)),
                raw("a header of -1 bytes", Code.LIMIT_EXCEEDED, length(-1)),
                raw("a header of 17 MiB", Code.LIMIT_EXCEEDED, length(17 << 20)),
                raw("a header one byte longer than the file", Code.TRUNCATED, header("{}", 3, 0)),
                json("a header that is a list", Code.MALFORMED, "[]", 0),
                json("a header that is a number", Code.MALFORMED, "17", 0),
                json("a header that starts with a space", Code.MALFORMED, " {}", 0),
                json("a header that ends inside a name", Code.MALFORMED, "{\"a", 0),
                json("a header without its closing brace", Code.MALFORMED, "{\"a\":" + TENSOR, 4),
                json("a second JSON value after the header's", Code.MALFORMED, "{}{}", 0),
                json("a comment in the header", Code.MALFORMED, "{/* */}", 0),
                json("an unquoted name", Code.MALFORMED, "{a:" + TENSOR + "}", 4),
                json("single quotes", Code.MALFORMED, "{'a':" + TENSOR + "}", 4),
                json("a trailing comma", Code.MALFORMED, "{\"a\":" + TENSOR + ",}", 4),
                raw("a header that is not UTF-8", Code.MALFORMED, notUtf8()),
                json("a header of NUL bytes", Code.MALFORMED, "\0".repeat(16), 0),
                json("JSON a hundred levels deep", Code.MALFORMED, "{\"a\":" + "[".repeat(100), 0),
                json(
                        "JSON a million levels deep",
                        Code.MALFORMED,
                        "{\"__metadata__\":" + "{\"a\":".repeat(1_000_000),
                        0),
                json("a tensor that is null", Code.MALFORMED, "{\"a\":null}", 0),
                json("a tensor that is a string", Code.MALFORMED, "{\"a\":\"b\"}", 0),
                json("a tensor without keys", Code.MALFORMED, "{\"a\":{}}", 0),
                tensor("no dtype", Code.MALFORMED, "\"shape\":[4],\"data_offsets\":[0,4]"),
                tensor("no shape", Code.MALFORMED, "\"dtype\":\"U8\",\"data_offsets\":[0,4]"),
                tensor("no data_offsets", Code.MALFORMED, "\"dtype\":\"U8\",\"shape\":[4]"),
                tensor("an unknown key", Code.MALFORMED, u8("[4]", "[0,4]") + ",\"x\":1"),
                tensor("dtype twice", Code.MALFORMED, u8("[4]", "[0,4]") + ",\"dtype\":\"U8\""),
                tensor("shape twice", Code.MALFORMED, u8("[4]", "[0,4]") + ",\"shape\":[4]"),
                tensor("a dtype of no kind", Code.UNSUPPORTED_ENCODING, of("XYZ", "[4]", "[0,4]")),
                tensor(
                        "a dtype in small letters",
                        Code.UNSUPPORTED_ENCODING,
                        of("u8", "[4]", "[0,4]")),
                tensor(
                        "the dtype Q4NX of old bundles",
                        Code.UNSUPPORTED_ENCODING,
                        of("Q4NX", "[4]", "[0,4]")),
                tensor(
                        "a dtype that is a number",
                        Code.MALFORMED,
                        "\"dtype\":8,\"shape\":[4],\"data_offsets\":[0,4]"),
                tensor("a shape that is a number", Code.MALFORMED, u8("4", "[0,4]")),
                tensor("a shape of strings", Code.MALFORMED, u8("[\"4\"]", "[0,4]")),
                tensor("a negative extent", Code.MALFORMED, u8("[-4]", "[0,4]")),
                tensor("a fractional extent", Code.MALFORMED, u8("[4.0]", "[0,4]")),
                tensor("an extent with an exponent", Code.MALFORMED, u8("[4e0]", "[0,4]")),
                tensor(
                        "an extent of 30 digits",
                        Code.MALFORMED,
                        u8("[" + "9".repeat(30) + "]", "[0,4]")),
                tensor("an extent of 2^63", Code.MALFORMED, u8("[9223372036854775808]", "[0,4]")),
                tensor("a nested shape", Code.MALFORMED, u8("[[4]]", "[0,4]")),
                tensor(
                        "17 dimensions",
                        Code.LIMIT_EXCEEDED,
                        u8("[" + "1,".repeat(16) + "4]", "[0,4]")),
                tensor(
                        "a shape that overflows 64 bits",
                        Code.LIMIT_EXCEEDED,
                        u8("[4294967296,4294967296]", "[0,4]")),
                tensor(
                        "a shape that overflows only with its dtype",
                        Code.LIMIT_EXCEEDED,
                        of("F64", "[1152921504606846976]", "[0,4]")),
                tensor(
                        "a shape whose product wraps to the right size",
                        Code.LIMIT_EXCEEDED,
                        u8("[4611686018427387905,4]", "[0,4]")),
                tensor("one offset", Code.MALFORMED, u8("[4]", "[4]")),
                tensor("three offsets", Code.MALFORMED, u8("[4]", "[0,4,8]")),
                tensor("a negative offset", Code.MALFORMED, u8("[4]", "[-4,0]")),
                tensor("offsets the wrong way round", Code.SHAPE_MISMATCH, u8("[4]", "[4,0]")),
                tensor("a range smaller than the shape", Code.SHAPE_MISMATCH, u8("[8]", "[0,4]")),
                tensor("a range larger than the shape", Code.SHAPE_MISMATCH, u8("[2]", "[0,4]")),
                tensor("a range past the end", Code.TRUNCATED, u8("[8]", "[0,8]")),
                tensor(
                        "a range near 2^63",
                        Code.TRUNCATED,
                        u8("[4]", "[9223372036854775803,9223372036854775807]")),
                tensor("data that starts after a gap", Code.OVERLAP, u8("[3]", "[1,4]")),
                tensor("data that nothing claims at the end", Code.MALFORMED, u8("[3]", "[0,3]")),
                json(
                        "one name twice",
                        Code.OVERLAP,
                        "{\"a\":" + TENSOR + ",\"a\":" + TENSOR + "}",
                        4),
                json(
                        "one name twice, once escaped",
                        Code.OVERLAP,
                        "{\"a\":" + TENSOR + ",\"\\u0061\":" + TENSOR + "}",
                        4),
                json(
                        "two tensors on the same bytes",
                        Code.OVERLAP,
                        "{\"a\":" + TENSOR + ",\"b\":" + TENSOR + "}",
                        4),
                json(
                        "two tensors that overlap by a byte",
                        Code.OVERLAP,
                        "{\"a\":{" + u8("[4]", "[0,4]") + "},\"b\":{" + u8("[4]", "[3,7]") + "}}",
                        7),
                json(
                        "a gap between two tensors",
                        Code.OVERLAP,
                        "{\"a\":{" + u8("[2]", "[0,2]") + "},\"b\":{" + u8("[2]", "[3,5]") + "}}",
                        5),
                json(
                        "a name of 5000 characters",
                        Code.LIMIT_EXCEEDED,
                        "{\"" + "a".repeat(5000) + "\":" + TENSOR + "}",
                        4),
                json("100,001 tensors", Code.LIMIT_EXCEEDED, manyTensors(), 0),
                json("metadata that is a list", Code.MALFORMED, "{\"__metadata__\":[]}", 0),
                json("metadata with a number", Code.MALFORMED, "{\"__metadata__\":{\"a\":1}}", 0),
                json("metadata with an object", Code.MALFORMED, "{\"__metadata__\":{\"a\":{}}}", 0),
                json(
                        "metadata with a key twice",
                        Code.MALFORMED,
                        "{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}",
                        0),
                new Attack(
                        "a folder in place of the file",
                        Code.MISSING_FILE,
                        folder -> SafetensorsFile.open(folder).close()),
                new Attack(
                        "a link that points nowhere",
                        Code.MISSING_FILE,
                        ContainerAttacks::deadLink),
                new Attack(
                        "a named pipe that nobody writes to",
                        Code.MISSING_FILE,
                        ContainerAttacks::pipe),
                new Attack(
                        "no file at all",
                        Code.MISSING_FILE,
                        folder -> SafetensorsFile.open(folder.resolve("none")).close()));
    }

    private static Attack raw(String what, Code code, byte[] bytes) {
        return new Attack(
                what,
                code,
                folder -> {
                    Path file = Files.write(folder.resolve("model.q4nx"), bytes);
                    SafetensorsFile.open(file).close();
                });
    }

    private static Attack json(String what, Code code, String json, int dataBytes) {
        return raw(what, code, header(json, json.length(), dataBytes));
    }

    private static Attack tensor(String what, Code code, String keys) {
        return json("a tensor with " + what, code, "{\"a\":{" + keys + "}}", 4);
    }

    private static String u8(String shape, String offsets) {
        return of("U8", shape, offsets);
    }

    private static String of(String type, String shape, String offsets) {
        return "\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets;
    }

    private static byte[] length(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }

    private static byte[] header(String json, long length, int dataBytes) {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(text)
                .array();
    }

    private static byte[] notUtf8() {
        byte[] bytes = header("{\"aa\":" + TENSOR + "}", 6 + TENSOR.length(), 4);
        bytes[10] = (byte) 0xc3;
        bytes[11] = (byte) 0x28;
        return bytes;
    }

    private static String manyTensors() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i <= 100_000; i++) {
            text.append(i == 0 ? "" : ",").append('"').append(i).append("\":{");
            text.append(u8("[0]", "[0,0]")).append('}');
        }
        return text.append('}').toString();
    }

    private static void deadLink(Path folder) throws IOException {
        Path link = folder.resolve("model.q4nx");
        Files.createSymbolicLink(link, folder.resolve("nowhere"));
        SafetensorsFile.open(link).close();
    }

    private static void pipe(Path folder) throws Exception {
        Path pipe = folder.resolve("model.q4nx");
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
        SafetensorsFile.open(pipe).close();
    }
}
