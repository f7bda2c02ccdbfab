/** Encodes a model layer by layer, by what its matrices multiply on a text. */
package io.djlnpu.encode;
