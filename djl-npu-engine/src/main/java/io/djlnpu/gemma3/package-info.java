/**
 * One forward pass of Gemma 3 as the sequence of its kernel calls.
 *
 * <p>{@link io.djlnpu.gemma3.Gemma3Model} holds weights and threads, {@link
 * io.djlnpu.gemma3.Gemma3Session} one sequence's key/value cache and buffers. Token ids flow in,
 * logits come out.
 */
package io.djlnpu.gemma3;
