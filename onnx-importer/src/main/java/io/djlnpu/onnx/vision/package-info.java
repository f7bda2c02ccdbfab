/** The vision tower in a graph. */
package io.djlnpu.onnx.vision;
