/**
 * The one exception by which every reader of this project says that a file is not what it should
 * be.
 */
package io.djlnpu.format;
