/**
 * What a decoder that was found computes beside the parts that a specification has: all of it is
 * named and refused.
 */
package io.djlnpu.onnx.check;
