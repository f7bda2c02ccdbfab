package io.djlnpu.generate;

import io.djlnpu.decoder.ImageEncoder;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * One image in a prompt: its pixels until their rows are needed, then the rows. An image in the
 * part of a prompt that is reused is never encoded. Safe for many threads.
 */
public final class PromptImage {

    private static final int SIGN = 0x8000_0000;

    private final ImageEncoder encoder;
    private final int tokens;

    /** SHA-256 of the pixels. */
    private final int[] hash = new int[8];

    private float[] pixels;
    private float[] features;

    /**
     * Takes pixels over.
     *
     * @param encoder the model's encoder
     * @param pixels what it takes; not copied
     */
    public PromptImage(ImageEncoder encoder, float[] pixels) {
        this.encoder = encoder;
        this.pixels = pixels;
        tokens = encoder.tokens();
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(4, pixels.length));
        bytes.asFloatBuffer().put(pixels);
        try {
            ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes.array()))
                    .asIntBuffer()
                    .get(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Returns the length of the image in a prompt.
     *
     * @return soft tokens
     */
    public int tokens() {
        return tokens;
    }

    /** {@code [tokens, hidden]}. */
    synchronized float[] features() {
        if (features == null) {
            features = encoder.encode(pixels);
            pixels = null;
        }
        return features;
    }

    /**
     * What stands for soft token {@code index} when prompts are compared: never a token's id, as it
     * is negative.
     */
    int key(int index) {
        return hash[index % hash.length] | SIGN;
    }
}
