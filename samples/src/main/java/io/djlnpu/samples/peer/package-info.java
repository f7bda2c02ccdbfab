/** The same ONNX file in ONNX Runtime, as the yardstick of {@code verify} and of the comparison. */
package io.djlnpu.samples.peer;
