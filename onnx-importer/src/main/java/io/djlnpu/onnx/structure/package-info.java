/**
 * The decoder in a graph: landmarks, the dataflow between them, attention and MLPs, and the order
 * in which the residual stream meets them. Knows no configuration and no names.
 */
package io.djlnpu.onnx.structure;
