package io.djlnpu.generate;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.SessionState;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.SafetensorsWriter;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import io.djlnpu.safetensors.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Prompts on disk, with their keys and values, in the safetensors container.
 *
 * <p>Tensors, in this order: {@code about} (JSON: {@code version} {@value #VERSION} and {@code
 * model}, what the keys and values depend on); for session <i>i</i>, the least recently used first,
 * {@code i.tokens} (I32, what {@link PromptTokens#keys} returns), {@code i.longest} (I64) and
 * {@code i.state} ({@link SessionState}); {@code checksum} (SHA-256 of all payloads before it).
 *
 * <p><b>Errors</b>: {@link ModelFormatException}; a file of another model or version is a {@link
 * Code#CONFLICT}, a damaged one a {@link Code#CHECKSUM}.
 */
final class PromptCacheFile {

    private static final int VERSION = 1;
    private static final int MOST_SESSIONS = 10_000;
    private static final int CHECKSUM_BYTES = 32;
    private static final int HASHED_AT_ONCE = 1 << 26;

    /** A session and its tokens' keys. */
    record Saved(DecoderSession session, int[] keys) {}

    /** What every such file has behind the header's length; damage further on leaves it ours. */
    private static final byte[] MARK =
            "{\"about\":{\"dtype\":\"U8\"".getBytes(StandardCharsets.US_ASCII);

    private PromptCacheFile() {}

    /**
     * Tells whether a path may be written: nothing is there, an empty file, or a file of this kind,
     * damaged or not. A link is not followed, a stranger's file never replaced.
     */
    static boolean mayReplace(Path target) throws IOException {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(target, LinkOption.NOFOLLOW_LINKS)) {
            byte[] start = in.readNBytes(Long.BYTES + MARK.length);
            return start.length == 0
                    || start.length == Long.BYTES + MARK.length
                            && Arrays.equals(start, Long.BYTES, start.length, MARK, 0, MARK.length);
        }
    }

    private static void requireOwn(Path target) throws IOException {
        if (!mayReplace(target)) {
            throw new FileAlreadyExistsException(
                    target
                            + ": not a file of kept prompts, so it is left as it is; name another"
                            + " place for promptCacheFile");
        }
    }

    static void write(Path target, String modelKey, List<Saved> sessions) throws IOException {
        requireOwn(target);
        JsonObject about = new JsonObject();
        about.addProperty("version", VERSION);
        about.addProperty("model", modelKey);
        byte[] aboutBytes = about.toString().getBytes(StandardCharsets.UTF_8);
        List<Declaration> tensors = new ArrayList<>();
        tensors.add(new Declaration("about", DataType.U8, aboutBytes.length));
        for (int i = 0; i < sessions.size(); i++) {
            Saved saved = sessions.get(i);
            tensors.add(new Declaration(i + ".tokens", DataType.I32, saved.keys.length));
            tensors.add(new Declaration(i + ".longest", DataType.I64, 1));
            long bytes = saved.session.state().bytes();
            tensors.add(new Declaration(i + ".state", DataType.U8, bytes));
        }
        tensors.add(new Declaration("checksum", DataType.U8, CHECKSUM_BYTES));
        MessageDigest digest = sha256();
        try (SafetensorsWriter writer = SafetensorsWriter.ownersOnly(target, tensors)) {
            SessionState.Sink sink =
                    bytes -> {
                        digest.update(bytes.duplicate());
                        writer.write(bytes);
                    };
            sink.write(ByteBuffer.wrap(aboutBytes));
            for (Saved saved : sessions) {
                SessionState state = saved.session.state();
                ByteBuffer keys = littleEndian(Integer.BYTES * saved.keys.length);
                keys.asIntBuffer().put(saved.keys);
                sink.write(keys);
                sink.write(littleEndian(Long.BYTES).putLong(0, state.longest()));
                state.writeTo(sink);
            }
            writer.write(ByteBuffer.wrap(digest.digest()));
            requireOwn(target); // somebody may have put something there meanwhile
            writer.commit();
        }
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads the sessions, the caller's to close, in the file's order. */
    static List<Saved> read(Path source, String modelKey, DecoderModel model) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(source)) {
            checkAbout(file, modelKey);
            int count = (file.tensors().size() - 2) / 3;
            if (count > MOST_SESSIONS) {
                throw new ModelFormatException(
                        Code.LIMIT_EXCEEDED,
                        "%s: %d prompts, expected at most %d"
                                .formatted(source, count, MOST_SESSIONS));
            }
            checkSum(file, count);
            List<Saved> sessions = new ArrayList<>();
            try {
                for (int i = 0; i < count; i++) {
                    sessions.add(session(file, i, model));
                }
                return sessions;
            } catch (IOException | RuntimeException e) {
                sessions.forEach(saved -> saved.session.close());
                throw e;
            }
        }
    }

    private static void checkAbout(SafetensorsFile file, String modelKey) throws IOException {
        byte[] bytes = segment(file, "about", DataType.U8).toArray(JAVA_BYTE);
        String version;
        String model;
        try {
            JsonObject about =
                    JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8))
                            .getAsJsonObject();
            version = about.get("version").getAsString();
            model = about.get("model").getAsString();
        } catch (JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | NullPointerException e) {
            throw new ModelFormatException(
                    Code.MALFORMED, file.path() + ": 'about' is no JSON of kept prompts", e);
        }
        if (!version.equals(String.valueOf(VERSION)) || !model.equals(modelKey)) {
            throw new ModelFormatException(
                    Code.CONFLICT,
                    "%s: prompts of version %s, model %s, expected version %d, model %s; they are of no use here, delete the file"
                            .formatted(file.path(), version, model, VERSION, modelKey));
        }
    }

    private static void checkSum(SafetensorsFile file, int count) throws IOException {
        MessageDigest digest = sha256();
        update(digest, segment(file, "about", DataType.U8));
        for (int i = 0; i < count; i++) {
            update(digest, segment(file, i + ".tokens", DataType.I32));
            update(digest, segment(file, i + ".longest", DataType.I64));
            update(digest, segment(file, i + ".state", DataType.U8));
        }
        byte[] found = digest.digest();
        byte[] stated = segment(file, "checksum", DataType.U8).toArray(JAVA_BYTE);
        if (!Arrays.equals(found, stated)) {
            HexFormat hex = HexFormat.of();
            throw new ModelFormatException(
                    Code.CHECKSUM,
                    "%s: checksum %s, expected %s; the file is damaged, delete it"
                            .formatted(file.path(), hex.formatHex(found), hex.formatHex(stated)));
        }
    }

    private static void update(MessageDigest digest, MemorySegment bytes) {
        for (long at = 0; at < bytes.byteSize(); at += HASHED_AT_ONCE) {
            long count = Math.min(HASHED_AT_ONCE, bytes.byteSize() - at);
            digest.update(bytes.asSlice(at, count).asByteBuffer());
        }
    }

    private static MemorySegment segment(SafetensorsFile file, String name, DataType type)
            throws ModelFormatException {
        TensorInfo tensor = file.tensor(name);
        if (tensor.dataType() != type) {
            throw new ModelFormatException(
                    Code.MALFORMED,
                    "%s: tensor '%s' is %s, expected %s"
                            .formatted(file.path(), name, tensor.dataType(), type));
        }
        return file.segment(name);
    }

    private static Saved session(SafetensorsFile file, int index, DecoderModel model)
            throws IOException {
        MemorySegment keys = segment(file, index + ".tokens", DataType.I32);
        MemorySegment longest = segment(file, index + ".longest", DataType.I64);
        long tokens = keys.byteSize() / Integer.BYTES;
        if (tokens < 1 || tokens > model.maxContext() || longest.byteSize() != Long.BYTES) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    "%s: prompt %d of %d tokens, the context holds %d"
                            .formatted(file.path(), index, tokens, model.maxContext()));
        }
        int[] ids = new int[(int) tokens];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = keys.get(JAVA_INT_UNALIGNED, 4L * i);
        }
        long ever = longest.get(JAVA_LONG_UNALIGNED, 0);
        DecoderSession session = model.newSession();
        try {
            session.restore(
                    segment(file, index + ".state", DataType.U8),
                    ids.length,
                    Math.clamp(ever, -1, Integer.MAX_VALUE));
            return new Saved(session, ids);
        } catch (IllegalArgumentException e) {
            session.close();
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    "%s: prompt %d: %s".formatted(file.path(), index, e.getMessage()),
                    e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
