/** Weights of a structure by Hugging Face's names, and that they are there to the last element. */
package io.djlnpu.onnx.naming;
