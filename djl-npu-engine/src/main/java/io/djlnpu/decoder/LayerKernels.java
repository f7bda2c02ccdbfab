package io.djlnpu.decoder;

import io.djlnpu.kernel.FlowKv;
import io.djlnpu.kernel.FlowQkv;
import io.djlnpu.kernel.GegluMul;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.RmsNorm;
import io.djlnpu.kernel.Rope;
import io.djlnpu.program.LayerKind;
import java.util.Map;

/**
 * The kernels of a session that all its layers use one after the other.
 *
 * @param flowKv null where nothing is decoded
 */
record LayerKernels(
        KernelContext context,
        RmsNorm norm,
        GegluMul gate,
        FlowQkv flowQkv,
        FlowKv flowKv,
        Map<LayerKind, Rope> ropes,
        Map<LayerKind, ChunkVisibility> visibility) {

    /** Whether tokens are decoded one by one; a layer that sees both ways is only prefilled. */
    boolean decodes() {
        return flowKv != null;
    }

    Rope rope(LayerKind kind) {
        return ropes.get(kind);
    }

    ChunkVisibility visibility(LayerKind kind) {
        return visibility.get(kind);
    }
}
