/**
 * Integration tests: the whole road on real exported files, against ONNX Runtime and reference
 * outputs.
 */
package io.djlnpu.it;
