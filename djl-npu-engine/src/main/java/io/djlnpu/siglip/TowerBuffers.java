package io.djlnpu.siglip;

import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.kernel.DenseMatmul;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.simd.TokenPanels;
import java.lang.foreign.MemorySegment;

/** Activations of one image; those around the MLP exist for a group of panels only. */
final class TowerBuffers {

    /** Panels of a group: 2,048 patches. */
    static final int GROUP = 64;

    final int tokens;
    final int panels;
    final MemorySegment residual;
    final MemorySegment query;
    final MemorySegment normed;
    final MemorySegment key;
    final MemorySegment value;
    final MemorySegment gelu;
    final DenseMatmul.Scratch scratch;

    TowerBuffers(KernelContext context, VisionSpec config) {
        int side = config.imageSize() / config.patchSize();
        tokens = side * side;
        panels = Math.ceilDiv(tokens, TokenPanels.TOKENS);
        long image = (long) panels * TokenPanels.TOKENS * config.hiddenSize();
        long group = (long) Math.min(panels, GROUP) * TokenPanels.TOKENS;
        residual = context.floats(image);
        query = context.floats(image);
        normed = context.floats(group * config.hiddenSize());
        key = context.floats(image);
        value = context.floats(image);
        gelu = context.floats(group * config.intermediateSize());
        scratch = new DenseMatmul.Scratch(context);
    }
}
