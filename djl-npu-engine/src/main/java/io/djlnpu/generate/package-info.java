/**
 * From a prompt to text: tokens in, sampled tokens and their text out.
 *
 * <p>{@link io.djlnpu.generate.Tokenizer} turns text into ids; {@link
 * io.djlnpu.generate.TextGenerator} feeds them to a session, and {@link
 * io.djlnpu.generate.Generation} yields one {@link io.djlnpu.generate.Token} after another, chosen
 * by a {@link io.djlnpu.generate.Sampler}. {@link io.djlnpu.generate.PromptCache} keeps sessions
 * whose beginning another prompt may share.
 */
package io.djlnpu.generate;
