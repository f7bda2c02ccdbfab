/**
 * The vocabulary of the tile world: the device as data, and a kernel's plan on it.
 *
 * <p>A plan says which compute tile owns which share of a kernel's work and how much it moves and
 * multiplies. The host executes the shares; the timing model prices the counts.
 */
package io.djlnpu.tile;
