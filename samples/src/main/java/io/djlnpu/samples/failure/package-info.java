/** What users are told when something fails. */
package io.djlnpu.samples.failure;
