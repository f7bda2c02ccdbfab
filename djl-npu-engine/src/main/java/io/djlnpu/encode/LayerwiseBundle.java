package io.djlnpu.encode;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.DecoderWeights;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.decoder.WeightLayout;
import io.djlnpu.kernel.TileExecutor;
import io.djlnpu.q4nx.Encoding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes the encoding of a bundle that was written by the plain search better, in place: one forward
 * pass over a text, in which every matrix is encoded anew right before it is multiplied with. What
 * is 4-bit in the source already stays.
 *
 * <p><b>Memory</b>: the activations of all tokens of one layer, in float32, and the Hessian of one
 * product; weights are read from the source row by row and lie in the target's memory map. 270M and
 * 8,192 tokens take some 0.6 GB, 4B and 8,192 tokens some 3 GB beside the maps.
 *
 * <p><b>Interruption</b>: matrices that are done are not encoded again by a second call with the
 * same key; the forward pass is run through them.
 */
public final class LayerwiseBundle {

    private LayerwiseBundle() {}

    /**
     * Encodes.
     *
     * @param source where the float weights are
     * @param folder the bundle; nobody else may use it meanwhile
     * @param key names source and settings; another one than last time starts anew
     * @param encoding search, each column weighed by its input's mean square, or best
     * @param texts token ids side by side
     * @param threads host threads
     * @param progress told what was encoded, in weights of {@link #weights}
     * @throws IOException if a file cannot be read or written
     */
    public static void encode(
            DecoderWeights source,
            Path folder,
            String key,
            Encoding encoding,
            List<int[]> texts,
            int threads,
            BundleOptions.Progress progress)
            throws IOException {
        int tokens = texts.stream().mapToInt(text -> text.length).sum();
        int[] firstTokens = new int[texts.size()];
        for (int i = 1; i < firstTokens.length; i++) {
            firstTokens[i] = firstTokens[i - 1] + texts.get(i - 1).length;
        }
        DecoderOptions options =
                DecoderOptions.defaults()
                        .withNumerics(Numerics.FLOAT32)
                        .withThreads(threads)
                        .withWeights(WeightLayout.MAPPED)
                        .withPrefillChunk(tokens);
        try (EncodedFile file = EncodedFile.open(folder, key);
                ModelBundle bundle = ModelBundle.open(folder);
                TileExecutor executor = new TileExecutor(threads);
                DecoderModel model = DecoderModel.load(bundle, options);
                DecoderSession session = model.newSession()) {
            long total = weights(source);
            LayerwiseProgress counted =
                    new LayerwiseProgress(done -> progress.update("encoding", done, total));
            session.prefillObserved(
                    texts,
                    new LayerwiseEncoder(source, file, encoding, firstTokens, executor, counted));
        }
    }

    /** Counts the weights that are 4-bit in a bundle. */
    private static long weights(DecoderWeights source) {
        return TensorLayout.text(source.config()).stream()
                .filter(TensorLayout::quantized)
                .mapToLong(layout -> (long) layout.rows() * layout.columns())
                .sum();
    }
}
