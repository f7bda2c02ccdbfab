/** The order of a decoder layer, once; who runs, prices or plays a layer reads it from here. */
package io.djlnpu.program;
