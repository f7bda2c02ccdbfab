/**
 * From a model as users have it to a bundle that the engine can map: bundle folders are taken as
 * they are, ONNX models are converted once into a cache.
 */
package io.djlnpu.convert;
