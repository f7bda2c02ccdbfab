package io.djlnpu.onnx.vision;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Landmarks;
import java.io.IOException;
import java.util.List;

/**
 * What the graphs themselves say about the vision tower. Absent evidence is NaN, 0 or -1.
 *
 * @param hidden width of the tower
 * @param layers encoder layers
 * @param heads attention heads, 0 if not found
 * @param intermediate width of the MLP
 * @param patch side of a patch, pixels
 * @param side patches in a row of the image
 * @param epsilon epsilon of the LayerNorms, NaN if not found
 * @param pool side of the average pool, 0 if not found
 * @param textHidden outputs of the projector
 * @param imageToken the id whose rows are replaced by image features, -1 if not found
 */
public record VisionFacts(
        int hidden,
        int layers,
        int heads,
        int intermediate,
        int patch,
        int side,
        float epsilon,
        int pool,
        int textHidden,
        int imageToken) {

    /** Collects the facts; {@code embedding} is the graph that places image features, or null. */
    public static VisionFacts of(VisionStructure vision, String file, Landmarks embedding)
            throws IOException {
        VisionLayer first = vision.layers().get(0);
        long[] kernel = vision.patchWeight().shape();
        int side = (int) Math.round(Math.sqrt(vision.positions().rows()));
        if (kernel[1] != 3 || kernel[2] != kernel[3] || side * side != vision.positions().rows()) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_MODEL,
                    "%s: a kernel of %d channels and %d x %d pixels and %d positions, expected 3 channels and squares"
                            .formatted(
                                    file,
                                    kernel[1],
                                    kernel[2],
                                    kernel[3],
                                    vision.positions().rows()));
        }
        return new VisionFacts(
                vision.postNorm().weight().columns(),
                vision.layers().size(),
                first.heads(),
                first.first().weight().rows(),
                (int) kernel[2],
                side,
                vision.postNorm().epsilon(),
                vision.pool(),
                vision.projection().weight().rows(),
                embedding == null ? -1 : imageToken(embedding));
    }

    public int imageSize() {
        return side * patch;
    }

    /** Soft tokens of one image, 0 if not found. */
    public int tokensPerImage() {
        return pool < 1 || side % pool != 0 ? 0 : side / pool * (side / pool);
    }

    /** The embedding graph compares the ids with the image token to know where features go. */
    private static int imageToken(Landmarks embedding) throws IOException {
        for (OnnxNode node : embedding.index().graph().nodes()) {
            if (!node.operator().equals("Equal")) {
                continue;
            }
            for (String input : List.of(node.input(0), node.input(1))) {
                long[] constant = embedding.resolver().integers(input);
                if (constant != null && constant.length == 1 && constant[0] > 0) {
                    return Math.toIntExact(Math.min(constant[0], Integer.MAX_VALUE));
                }
            }
        }
        return -1;
    }
}
