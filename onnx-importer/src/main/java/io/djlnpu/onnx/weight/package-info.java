/**
 * Weight expressions: what a graph does to a stored constant before a layer uses it.
 *
 * <p>A constant and the operations behind it (Cast, Transpose, Reshape, Split, Slice, Concat, Add,
 * Mul, DequantizeLinear, ...) become one {@link io.djlnpu.onnx.weight.WeightExpression}, which is
 * evaluated for the rows that are asked for and for nothing else. Exporters differ in which of
 * these they leave in the graph and which they fold into the stored bytes; behind an expression
 * they look the same.
 */
package io.djlnpu.onnx.weight;
