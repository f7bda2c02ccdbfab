/**
 * The vision side of Gemma 3 as the sequence of its kernel calls: pixels in, soft tokens out.
 *
 * <p>{@link io.djlnpu.siglip.SiglipTower} embeds an image's patches and takes them through the
 * encoder; {@link io.djlnpu.siglip.ImageProjector} pools them and projects them into the decoder's
 * space. All patches of an image are in memory at once, {@code [panels][width][32]} with the tokens
 * side by side; the MLP's wide activations are there for 2,048 patches at a time, scores for 128
 * keys of 32 queries.
 */
package io.djlnpu.siglip;
