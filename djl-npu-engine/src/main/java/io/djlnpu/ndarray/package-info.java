/**
 * The array: DJL's {@code NDArray}, its manager and its indexer in plain Java.
 *
 * <p>{@link io.djlnpu.ndarray.NpuNDArray} validates and delegates. What flows below it is a {@link
 * io.djlnpu.ndarray.Tensor}: element type, shape and row-major contents, never changed once made.
 * Each concern (element-wise, strided copies, reductions, sorting, ...) is one class of static
 * functions from tensors to tensors. Arrays are values: no two arrays share a change, where PyTorch
 * hands out views.
 */
package io.djlnpu.ndarray;
