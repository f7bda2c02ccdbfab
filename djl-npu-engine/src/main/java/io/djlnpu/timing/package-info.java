/**
 * Prices plans: seconds from counts and the device's rates, joules from seconds and bytes. Reads
 * plans, runs nothing.
 */
package io.djlnpu.timing;
