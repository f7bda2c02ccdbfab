package io.djlnpu.onnx.vision;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.weight.WeightExpression;
import java.util.List;

/**
 * The vision tower and the projector, followed from the image features back to the pixels.
 *
 * @param convolution the patch embedding
 * @param patchWeight {@code [width, channels, patch, patch]}
 * @param patchBias {@code [width]}
 * @param positions {@code [patches, width]}
 * @param layers the encoder
 * @param postNorm the LayerNorm behind the encoder
 * @param softNorm the projector's RMSNorm, holding {@code 1 + w}
 * @param projection {@code [hidden, width]}
 * @param pool side of the average pool, 0 if not found
 */
public record VisionStructure(
        OnnxNode convolution,
        WeightExpression patchWeight,
        WeightExpression patchBias,
        WeightExpression positions,
        List<VisionLayer> layers,
        Norm postNorm,
        Norm softNorm,
        Projection projection,
        int pool) {}
