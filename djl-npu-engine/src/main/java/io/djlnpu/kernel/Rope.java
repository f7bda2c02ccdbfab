package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.RopeScaling;
import io.djlnpu.bundle.RopeSpec;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;

/**
 * Rotary position embedding, half-split over the whole head. Holds the angles of the current chunk,
 * which all layers of one kind share.
 *
 * <p><b>Numerics</b>: inverse frequencies and angles in float32 as the model's definition computes
 * them, sine and cosine of those from double; rotated heads are narrowed as the session says.
 */
public final class Rope {

    private final KernelContext context;
    private final int half;
    private final float[] inverseFrequencies;
    private final MemorySegment cosines;
    private final MemorySegment sines;

    /**
     * Binds the kernel.
     *
     * @param context what the session's kernels share
     * @param headDim width of a head, even
     * @param spec base and scaling of the frequencies
     * @param maxTokens tokens of the largest chunk
     */
    public Rope(KernelContext context, int headDim, RopeSpec spec, int maxTokens) {
        this.context = context;
        half = headDim / 2;
        inverseFrequencies = new float[half];
        for (int i = 0; i < half; i++) {
            inverseFrequencies[i] = inverseFrequency(spec, i, headDim);
        }
        cosines = context.floats((long) maxTokens * half);
        sines = context.floats((long) maxTokens * half);
    }

    private static float inverseFrequency(RopeSpec spec, int pair, int headDim) {
        if (spec.scaling() instanceof RopeScaling.Llama3) {
            return (float) spec.frequency(pair, headDim);
        }
        float exponent = (float) (2 * pair) / headDim;
        float power = (float) StrictMath.pow((float) spec.theta(), exponent);
        return 1 / power / (float) spec.linearFactor();
    }

    /**
     * Plans the kernel; a unit is a token.
     *
     * @param device the device
     * @param tokens tokens of the chunk
     * @param heads heads to rotate
     * @param headDim width of a head
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int tokens, int heads, int headDim) {
        return RowPlans.rope(device, tokens, heads, headDim);
    }

    /**
     * Computes the angles of a chunk; done once a chunk, used by every layer.
     *
     * @param position position of the first token
     * @param tokens tokens of the chunk
     */
    public void prepare(int position, int tokens) {
        prepare(0, position, tokens);
    }

    /**
     * Computes the angles of some of a chunk's tokens.
     *
     * @param first index of the first of them in the chunk
     * @param position its position
     * @param tokens how many
     */
    public void prepare(int first, int position, int tokens) {
        for (int t = 0; t < tokens; t++) {
            long row = (long) (first + t) * half;
            for (int i = 0; i < half; i++) {
                float angle = inverseFrequencies[i] * (position + t);
                // not StrictMath, which allocates; interpreter and compilers share Math's stubs
                cosines.setAtIndex(JAVA_FLOAT, row + i, (float) Math.cos(angle));
                sines.setAtIndex(JAVA_FLOAT, row + i, (float) Math.sin(angle));
            }
        }
    }

    /**
     * Rotates all heads of one token.
     *
     * @param x heads, rotated in place
     * @param index first float of the first head
     * @param heads how many
     * @param token index of the token in the chunk
     */
    public void rotate(MemorySegment x, long index, int heads, int token) {
        for (int h = 0; h < heads; h++) {
            context.simd()
                    .elementwise()
                    .rotate(
                            x,
                            index + 2L * h * half,
                            cosines,
                            sines,
                            (long) token * half,
                            half,
                            context.narrow());
        }
    }
}
