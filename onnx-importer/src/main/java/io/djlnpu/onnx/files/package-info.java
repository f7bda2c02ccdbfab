/** The files of a model as people lay them out. */
package io.djlnpu.onnx.files;
