package io.djlnpu.safetensors;

import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.io.StringReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Parses and checks the JSON header; nothing beyond the header is read. */
final class SafetensorsHeader {

    /** Far beyond any real model's; the reference implementation's 100 MB would cost a gigabyte. */
    static final long MAX_HEADER_BYTES = 16 << 20;

    private static final int MAX_TENSORS = 100_000;
    private static final int MAX_DIMENSIONS = 16;
    private static final int MAX_NAME_CHARACTERS = 4096;

    private final Path path;
    private final long dataStart;
    private final long fileSize;
    private final SortedMap<String, TensorInfo> tensors = new TreeMap<>();
    private final Map<String, String> metadata = new HashMap<>();

    private SafetensorsHeader(Path path, long dataStart, long fileSize) {
        this.path = path;
        this.dataStart = dataStart;
        this.fileSize = fileSize;
    }

    static SafetensorsHeader parse(Path path, MemorySegment file, long length)
            throws ModelFormatException {
        if (length < 2 || length > MAX_HEADER_BYTES) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    path
                            + ": header of "
                            + Long.toUnsignedString(length)
                            + " bytes, expected 2 to "
                            + MAX_HEADER_BYTES
                            + "; this is not a safetensors file");
        }
        if (length > file.byteSize() - Long.BYTES) {
            throw new ModelFormatException(
                    Code.TRUNCATED,
                    path
                            + ": header of "
                            + length
                            + " bytes in a file of "
                            + file.byteSize()
                            + "; the file is cut short, download or convert it again");
        }
        byte[] json = file.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        SafetensorsHeader header =
                new SafetensorsHeader(path, Long.BYTES + length, file.byteSize());
        try (JsonReader reader = new JsonReader(new StringReader(decode(path, json)))) {
            reader.setStrictness(Strictness.STRICT);
            reader.setNestingLimit(8);
            header.read(reader);
        } catch (ModelFormatException e) {
            throw e;
        } catch (IOException
                | JsonParseException
                | IllegalStateException
                | NumberFormatException e) {
            throw header.malformed(
                    "header is not the JSON of a safetensors file: " + e.getMessage());
        }
        header.checkCoverage();
        return header;
    }

    SortedMap<String, TensorInfo> tensors() {
        return Collections.unmodifiableSortedMap(tensors);
    }

    Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    private static String decode(Path path, byte[] json) throws ModelFormatException {
        if (json[0] != '{') {
            throw new ModelFormatException(
                    Code.MALFORMED, path + ": header does not start with '{'");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(Code.MALFORMED, path + ": header is not UTF-8", e);
        }
    }

    private void read(JsonReader reader) throws IOException {
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            if (name.length() > MAX_NAME_CHARACTERS) {
                throw new ModelFormatException(
                        Code.LIMIT_EXCEEDED,
                        path + ": tensor name of " + name.length() + " characters");
            }
            if (tensors.size() == MAX_TENSORS) {
                throw new ModelFormatException(
                        Code.LIMIT_EXCEEDED, path + ": more than " + MAX_TENSORS + " tensors");
            }
            if (name.equals("__metadata__")) {
                readMetadata(reader);
            } else if (tensors.put(name, readTensor(name, reader)) != null) {
                throw new ModelFormatException(
                        Code.OVERLAP, path + ": tensor '" + name + "' is declared twice");
            }
        }
        reader.endObject();
        if (reader.peek() != JsonToken.END_DOCUMENT) {
            throw malformed("text after the header's JSON");
        }
    }

    private void readMetadata(JsonReader reader) throws IOException {
        reader.beginObject();
        while (reader.hasNext()) {
            if (metadata.put(reader.nextName(), readText(reader)) != null) {
                throw malformed("__metadata__ has a key twice");
            }
        }
        reader.endObject();
    }

    private String readText(JsonReader reader) throws IOException {
        // Gson would take numbers for strings
        if (reader.peek() != JsonToken.STRING) {
            throw malformed("found " + reader.peek() + ", expected a string");
        }
        return reader.nextString();
    }

    private TensorInfo readTensor(String name, JsonReader reader) throws IOException {
        DataType type = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        Set<String> keys = new HashSet<>();
        reader.beginObject();
        while (reader.hasNext()) {
            String key = reader.nextName();
            if (!keys.add(key)) {
                throw malformed("tensor '" + name + "' has '" + key + "' twice");
            }
            switch (key) {
                case "dtype" -> type = dataType(name, readText(reader));
                case "shape" -> shape = readLongs(name, reader);
                case "data_offsets" -> offsets = readLongs(name, reader);
                default -> throw malformed("tensor '" + name + "' has an unknown key");
            }
        }
        reader.endObject();
        if (type == null || shape == null || offsets == null || offsets.size() != 2) {
            throw malformed("tensor '" + name + "' lacks dtype, shape or two data_offsets");
        }
        return check(name, type, shape, offsets.get(0), offsets.get(1));
    }

    private DataType dataType(String name, String text) throws ModelFormatException {
        try {
            return DataType.valueOf(text);
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_ENCODING,
                    path
                            + ": tensor '"
                            + name
                            + "' has dtype '"
                            + text
                            + "'"
                            + ("Q4NX".equals(text)
                                    ? ", the form of bundles older than 2026-08; convert it again"
                                    : ", which this reader does not know"),
                    e);
        }
    }

    private List<Long> readLongs(String name, JsonReader reader) throws IOException {
        List<Long> values = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
            if (values.size() == MAX_DIMENSIONS) {
                throw new ModelFormatException(
                        Code.LIMIT_EXCEEDED,
                        path
                                + ": tensor '"
                                + name
                                + "' has more than "
                                + MAX_DIMENSIONS
                                + " dimensions");
            }
            if (reader.peek() != JsonToken.NUMBER) {
                throw malformed("tensor '" + name + "': found " + reader.peek() + ", not a number");
            }
            String number = reader.nextString();
            if (!number.matches("[0-9]{1,19}")) {
                throw malformed("tensor '" + name + "': " + number + " is no length or offset");
            }
            values.add(Long.parseLong(number));
        }
        reader.endArray();
        return values;
    }

    private TensorInfo check(String name, DataType type, List<Long> shape, long begin, long end)
            throws ModelFormatException {
        long bytes = type.bytes();
        try {
            for (long extent : shape) {
                bytes = Math.multiplyExact(bytes, extent);
            }
        } catch (ArithmeticException e) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    path + ": tensor '" + name + "' of shape " + shape + " overflows",
                    e);
        }
        if (end < begin || end - begin != bytes) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    path
                            + ": tensor '"
                            + name
                            + "' of shape "
                            + shape
                            + " "
                            + type
                            + " needs "
                            + bytes
                            + " bytes, its data_offsets ["
                            + begin
                            + ", "
                            + end
                            + "] say otherwise");
        }
        if (end > fileSize - dataStart) {
            throw new ModelFormatException(
                    Code.TRUNCATED,
                    path
                            + ": tensor '"
                            + name
                            + "' ends at byte "
                            + end
                            + " of "
                            + (fileSize - dataStart)
                            + "; the file is cut short, download or convert it again");
        }
        return new TensorInfo(name, type, shape, dataStart + begin, bytes);
    }

    private void checkCoverage() throws ModelFormatException {
        List<TensorInfo> byOffset = new ArrayList<>(tensors.values());
        byOffset.sort(
                Comparator.comparingLong(TensorInfo::offset)
                        .thenComparingLong(TensorInfo::byteLength));
        long next = dataStart;
        for (TensorInfo tensor : byOffset) {
            if (tensor.offset() != next) {
                throw new ModelFormatException(
                        Code.OVERLAP,
                        path
                                + ": tensor '"
                                + tensor.name()
                                + "' starts at byte "
                                + tensor.offset()
                                + ", expected "
                                + next
                                + ": tensors overlap or leave a gap");
            }
            next += tensor.byteLength();
        }
        if (next != fileSize) {
            throw new ModelFormatException(
                    Code.MALFORMED,
                    path + ": " + (fileSize - next) + " bytes after the last tensor");
        }
    }

    private ModelFormatException malformed(String what) {
        return new ModelFormatException(Code.MALFORMED, path + ": " + what);
    }
}
