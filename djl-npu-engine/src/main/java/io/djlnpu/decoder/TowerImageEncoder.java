package io.djlnpu.decoder;

import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.siglip.ImageProjector;
import io.djlnpu.siglip.SiglipTower;
import java.lang.foreign.Arena;

/** The tower and the projector of one model; images of several threads follow each other. */
final class TowerImageEncoder implements ImageEncoder, AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final VisionWeights weights;
    private final ImageProjector projector;

    TowerImageEncoder(DecoderModel model, VisionWeights weights) {
        this.weights = weights;
        DecoderOptions options = model.options();
        boolean narrow = options.numerics() == Numerics.BF16;
        KernelContext context =
                new KernelContext(options.device(), model.executor(), model.simd(), narrow, arena);
        projector = new ImageProjector(context, new SiglipTower(context, weights), weights);
    }

    @Override
    public synchronized float[] encode(float[] pixels) {
        return projector.encode(pixels);
    }

    @Override
    public int tokens() {
        return weights.config().tokensPerImage();
    }

    @Override
    public int imageSize() {
        return weights.config().imageSize();
    }

    @Override
    public synchronized void close() {
        arena.close();
    }
}
