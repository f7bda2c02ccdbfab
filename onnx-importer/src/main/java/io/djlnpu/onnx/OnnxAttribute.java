package io.djlnpu.onnx;

import java.util.List;

/**
 * The value of an attribute; only the members of its kind are filled.
 *
 * @param integers one or many integers
 * @param reals one or many floats
 * @param text a string, or an empty one
 * @param tensor a tensor, or null
 * @param graphs one or many sub-graphs
 */
public record OnnxAttribute(
        long[] integers, float[] reals, String text, OnnxTensor tensor, List<OnnxGraph> graphs) {}
