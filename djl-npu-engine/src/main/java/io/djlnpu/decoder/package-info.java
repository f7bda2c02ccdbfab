/**
 * One forward pass of Gemma 3 as the sequence of its kernel calls.
 *
 * <p>{@link io.djlnpu.decoder.DecoderModel} holds weights and threads, {@link
 * io.djlnpu.decoder.DecoderSession} one sequence's key/value cache and buffers. Token ids flow in,
 * logits come out.
 */
package io.djlnpu.decoder;
