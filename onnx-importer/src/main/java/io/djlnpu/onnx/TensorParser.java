package io.djlnpu.onnx;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Parses {@code TensorProto}: everything but the values, whose place is remembered. */
final class TensorParser {

    private static final int DIMS = 1;
    private static final int DATA_TYPE = 2;
    private static final int SEGMENT = 3;
    private static final int NAME = 8;
    private static final int RAW_DATA = 9;
    private static final int EXTERNAL_DATA = 13;
    private static final int DATA_LOCATION = 14;

    private static final int HIGHEST_RANK = 8;
    private static final long MOST_ELEMENTS = 1L << 40;

    private final String file;
    private final ExternalData external;
    private final Budget budget;

    TensorParser(String file, ExternalData external, Budget budget) {
        this.file = file;
        this.external = external;
        this.budget = budget;
    }

    OnnxTensor parse(WireReader reader, MemorySegment message, Map<String, String> locations)
            throws IOException {
        String name = "";
        long code = 0;
        long[] dims = {};
        MemorySegment raw = null;
        ExternalEntry entry = new ExternalEntry();
        boolean isExternal = false;
        for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
            switch (field) {
                case DIMS -> dims = appendDims(dims, reader);
                case DATA_TYPE -> code = reader.readVarint();
                case SEGMENT -> throw reader.malformed("a tensor in segments, unsupported,");
                case NAME -> name = budget.text(reader);
                case RAW_DATA -> raw = reader.readBytes();
                case EXTERNAL_DATA -> entry.read(reader.readMessage());
                case DATA_LOCATION -> isExternal = reader.readVarint() == 1;
                default -> reader.skip();
            }
        }
        String where = file + ": tensor '" + name + "'";
        ElementType type = typeOrNull(code);
        checkShape(dims, where);
        if (isExternal) {
            locations.putIfAbsent(entry.location, where);
        }
        if (type == null) {
            return unreadable(name, code, dims, where);
        }
        return new OnnxTensor(name, type, dims, file, payload(isExternal, entry, raw, message));
    }

    private OnnxTensor.Payload payload(
            boolean isExternal, ExternalEntry entry, MemorySegment raw, MemorySegment message)
            throws ModelFormatException {
        if (isExternal) {
            long offset = entry.number("offset", 0);
            long length = entry.number("length", -1);
            String location = entry.location;
            return new External(external, location, offset, length);
        }
        if (raw != null) {
            return tensor -> raw;
        }
        return tensor -> TypedData.bytes(file, tensor, message);
    }

    /** A payload in a data file; the tensor's shape says how long it must be. */
    record External(ExternalData files, String location, long offset, long length)
            implements OnnxTensor.Payload {
        @Override
        public MemorySegment bytes(OnnxTensor tensor) throws IOException {
            return files.slice(tensor, location, offset, length);
        }
    }

    private static ElementType typeOrNull(long code) {
        for (ElementType type : ElementType.values()) {
            if (type.code() == code) {
                return type;
            }
        }
        return null;
    }

    /** Strings and 8-bit floats occur beside the weights: an error only for whoever reads them. */
    private OnnxTensor unreadable(String name, long code, long[] dims, String where) {
        OnnxTensor.Payload refusal =
                tensor -> {
                    ElementType.of(code, where);
                    throw new IllegalStateException("type " + code + " is known");
                };
        return new OnnxTensor(name, ElementType.UINT8, dims, file, refusal);
    }

    private long[] appendDims(long[] dims, WireReader reader) throws IOException {
        if (reader.wireType() == WireReader.VARINT) {
            return append(dims, reader.readVarint());
        }
        WireReader packed = reader.readMessage();
        long[] all = dims;
        while (!packed.atEnd()) {
            all = append(all, packed.varint());
        }
        return all;
    }

    private long[] append(long[] dims, long length) throws ModelFormatException {
        if (dims.length == HIGHEST_RANK) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    file + ": a tensor of more than " + HIGHEST_RANK + " dimensions");
        }
        long[] longer = Arrays.copyOf(dims, dims.length + 1);
        longer[dims.length] = length;
        return longer;
    }

    private static void checkShape(long[] dims, String where) throws ModelFormatException {
        long product = 1;
        for (long length : dims) {
            if (length < 0) {
                throw new ModelFormatException(
                        Code.MALFORMED,
                        where + ": shape " + Arrays.toString(dims) + " with a negative length");
            }
            if (length > MOST_ELEMENTS || length > 0 && product > MOST_ELEMENTS / length) {
                throw new ModelFormatException(
                        Code.LIMIT_EXCEEDED,
                        where
                                + ": shape "
                                + Arrays.toString(dims)
                                + ", expected at most 2^40 elements");
            }
            product *= length;
        }
    }

    /** The keys and values of {@code external_data}. */
    private final class ExternalEntry {
        private String location = "";
        private final Map<String, String> numbers = new HashMap<>();

        void read(WireReader reader) throws IOException {
            String key = "";
            String value = "";
            for (int field = reader.nextField(); field != 0; field = reader.nextField()) {
                switch (field) {
                    case 1 -> key = budget.text(reader);
                    case 2 -> value = budget.text(reader);
                    default -> reader.skip();
                }
            }
            if (key.equals("location")) {
                location = value;
            } else if (key.equals("offset") || key.equals("length")) {
                numbers.put(key, value);
            }
        }

        long number(String key, long otherwise) throws ModelFormatException {
            String text = numbers.get(key);
            if (text == null) {
                return otherwise;
            }
            if (!text.matches("[0-9]{1,18}")) {
                throw new ModelFormatException(
                        Code.MALFORMED,
                        file
                                + ": external data with "
                                + key
                                + " '"
                                + text.replaceAll("\\p{Cntrl}", "?")
                                + "', expected a decimal number of bytes");
            }
            return Long.parseLong(text);
        }
    }
}
