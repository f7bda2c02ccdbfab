/**
 * The inner loops of every kernel, behind one interface a kind.
 *
 * <p>{@link io.djlnpu.simd.SimdProvider} picks the best implementation that this Java machine
 * allows: the Vector API where {@code --add-modules jdk.incubator.vector} was given, plain Java
 * otherwise. Nothing outside this package touches the Vector API. Every implementation sums in a
 * fixed order that depends on the vector width only, never on timing or threads, and uses no
 * library function whose result may differ between interpreter and compiler.
 *
 * <p>Float arrays live in 64-byte aligned native segments, so that no vector straddles two cache
 * lines.
 */
package io.djlnpu.simd;
