/**
 * A whole run as its kernels' plans, priced: prefill, a decoded token, an image, and the paper's
 * tables beside them.
 *
 * <p>Stands above {@code kernel}, whose plans it asks for, and {@code timing}, which prices them.
 */
package io.djlnpu.simulate;
