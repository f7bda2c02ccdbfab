/**
 * The model as it lies on disk after an import: configuration, tensor names, the bundle folder and
 * its checksums.
 *
 * <p>A {@link io.djlnpu.bundle.DecoderWeights} (from ONNX, or from anything else) flows in, block
 * by block; a folder that FastFlowLM accepts comes out, and is mapped into memory again by the
 * engine.
 */
package io.djlnpu.bundle;
