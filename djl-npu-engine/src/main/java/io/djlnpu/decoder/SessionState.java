package io.djlnpu.decoder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The keys and values of a sequence, as bytes that another session of the same model can take over.
 *
 * <p><b>Shape</b>: layer by layer, keys then values, {@code [kvHeads, tokens, headDim]} of bf16 or
 * float32 as the session's numerics say, in the machine's byte order; of a local layer the tokens
 * that its ring still holds.
 */
public final class SessionState {

    /** Takes bytes over, in order. */
    @FunctionalInterface
    public interface Sink {

        /**
         * Takes bytes over.
         *
         * @param bytes the next bytes
         * @throws IOException if they cannot be written
         */
        void write(ByteBuffer bytes) throws IOException;
    }

    private static final int MAX_PIECE = 1 << 30;

    private final List<LayerCache> layers;
    private final int length;
    private final int longest;

    SessionState(List<LayerCache> layers, int length, int longest) {
        this.layers = layers;
        this.length = length;
        this.longest = longest;
    }

    /**
     * Returns the length of the sequence.
     *
     * @return tokens
     */
    public int length() {
        return length;
    }

    /**
     * Returns the longest that the sequence ever was; what rings have overwritten stays so.
     *
     * @return tokens
     */
    public int longest() {
        return longest;
    }

    /**
     * Returns the size of the state.
     *
     * @return bytes
     */
    public long bytes() {
        return layers.stream().mapToLong(layer -> layer.pieceBytes(first(layer), length)).sum();
    }

    private int first(LayerCache layer) {
        return Math.min(length, layer.oldest(longest));
    }

    /**
     * Writes the state.
     *
     * @param sink receives {@link #bytes} bytes
     * @throws IOException if the sink fails
     */
    public void writeTo(Sink sink) throws IOException {
        for (LayerCache layer : layers) {
            layer.pieces(
                    first(layer),
                    length,
                    false,
                    piece -> {
                        for (long at = 0; at < piece.byteSize(); at += MAX_PIECE) {
                            long count = Math.min(MAX_PIECE, piece.byteSize() - at);
                            sink.write(piece.asSlice(at, count).asByteBuffer());
                        }
                    });
        }
    }

    void readFrom(MemorySegment saved) {
        if (saved.byteSize() != bytes()) {
            throw new IllegalArgumentException(
                    "%d bytes of keys and values, expected %d for %d tokens"
                            .formatted(saved.byteSize(), bytes(), length));
        }
        long[] at = {0};
        try {
            for (LayerCache layer : layers) {
                layer.pieces(
                        first(layer),
                        length,
                        true,
                        piece -> {
                            piece.copyFrom(saved.asSlice(at[0], piece.byteSize()));
                            at[0] += piece.byteSize();
                        });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // copying within memory does no I/O
        }
    }
}
