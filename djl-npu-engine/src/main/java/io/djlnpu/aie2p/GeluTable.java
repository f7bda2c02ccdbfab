package io.djlnpu.aie2p;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * GELU by 64 straight pieces, an eighth wide each.
 *
 * <p><b>Numerics</b>: slopes are cut off to bf16, offsets float32; one rounding, then narrowed by
 * {@link Floor}. At 0 it gives -0.00103, not 0. <b>Source</b>: mlir-air {@code lut_based_ops.h},
 * whose pieces no simple fit reproduces.
 */
public final class GeluTable {

    private static final int SEGMENTS = 64;
    private static final float[] SLOPE = new float[SEGMENTS];
    private static final float[] OFFSET = new float[SEGMENTS];

    static {
        List<String> lines = lines();
        for (int i = 0; i < SEGMENTS; i++) {
            String[] bits = lines.get(i).split(",");
            SLOPE[i] = Float.intBitsToFloat(Integer.parseUnsignedInt(bits[0], 16) & 0xffff0000);
            OFFSET[i] = Float.intBitsToFloat(Integer.parseUnsignedInt(bits[1], 16));
        }
    }

    private GeluTable() {}

    private static List<String> lines() {
        try (InputStream in = GeluTable.class.getResourceAsStream("gelu-segments.csv")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Looks an activation up.
     *
     * @param x bf16
     * @return about GELU of it, bf16
     */
    public static float of(float x) {
        int scaled = (int) Math.clamp(Math.floor(128.0 * x), -512, 511);
        int segment = (scaled >> 4) + SEGMENTS / 2;
        return Floor.bf16(SLOPE[segment] * x + OFFSET[segment]);
    }
}
