/**
 * What the command's own machine is like: one {@link io.djlnpu.samples.doctor.Check} a fact, with
 * advice where it could be better.
 */
package io.djlnpu.samples.doctor;
