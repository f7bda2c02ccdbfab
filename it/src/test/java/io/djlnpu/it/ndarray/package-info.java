/**
 * The array of the NPU engine against PyTorch's: one catalogue of cases, run on both, every
 * difference named.
 */
package io.djlnpu.it.ndarray;
