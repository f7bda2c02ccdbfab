/**
 * Three programs to copy from. Each is one file, uses DJL's own API alone, and chooses the engine
 * by name.
 */
package io.djlnpu.samples.predictor;
