/**
 * Q4NX, the 4-bit weight format of FastFlowLM: specification, encoder, decoder.
 *
 * <p>{@link io.djlnpu.q4nx.Q4nxFormat} is the specification.
 */
package io.djlnpu.q4nx;
