package io.djlnpu.decoder;

import io.djlnpu.kernel.FloatWeights;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * All weights of an embedding model.
 *
 * @param table its tokens
 * @param layers its layers
 * @param finalNorm the norm behind them
 * @param dense what follows pooling
 */
record EncoderWeights(
        TokenTable table,
        List<LayerWeights> layers,
        MemorySegment finalNorm,
        List<FloatWeights> dense) {}
