/**
 * Opens a decoder in ONNX files: {@link io.djlnpu.onnx.decoder.OnnxDecoder} is what others use,
 * with the {@link io.djlnpu.onnx.report.ImportReport} that it gives; the packages beside it are its
 * parts.
 */
package io.djlnpu.onnx.decoder;
