/** Models by URL: what DJL's model loading finds without being told engine and translator. */
package io.djlnpu.zoo;
