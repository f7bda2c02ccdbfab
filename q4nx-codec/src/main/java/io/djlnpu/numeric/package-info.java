/** The 16-bit floating-point formats of weights and activations, with their rounding. */
package io.djlnpu.numeric;
