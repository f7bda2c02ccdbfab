/**
 * Three programs to copy from. Each is one file, uses DJL's own API alone, and would run on another
 * engine of DJL if only the name after {@code optEngine} changed.
 */
package io.djlnpu.samples.predictor;
