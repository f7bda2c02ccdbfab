/** The one place where a path is recognised as a model that a bundle can be made of. */
package io.djlnpu.source;
