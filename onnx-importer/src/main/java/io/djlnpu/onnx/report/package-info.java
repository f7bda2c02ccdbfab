/** How a model was understood: files, settings with their sources, weights with their places. */
package io.djlnpu.onnx.report;
