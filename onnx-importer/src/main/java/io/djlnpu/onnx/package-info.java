/**
 * Reads ONNX files lazily: the structure of the graph is parsed, the weights stay where they lie.
 *
 * <p>A file is mapped into memory; of each tensor only name, type, shape and the place of its bytes
 * are kept, whether these lie in the file itself or in external data files beside it. Files are
 * treated as hostile: every length is checked against the bytes that are there, every count against
 * a budget, and every path against the model's folder.
 */
package io.djlnpu.onnx;
