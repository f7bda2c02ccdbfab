package io.djlnpu.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The machine's vector width and the few operations that several kernels need. */
final class Lanes {

    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final VectorShape SHAPE = FLOATS.vectorShape();
    static final VectorSpecies<Integer> INTS = SHAPE.withLanes(int.class);
    static final VectorSpecies<Long> LONGS = SHAPE.withLanes(long.class);
    static final VectorSpecies<Short> SHORTS =
            VectorShape.forBitSize(FLOATS.vectorBitSize() / 2).withLanes(short.class);

    /** Float lanes: 16 with AVX-512, 8 with AVX2, 4 with NEON. */
    static final int COUNT = FLOATS.length();

    private Lanes() {}

    static FloatVector load(MemorySegment segment, long index) {
        return FloatVector.fromMemorySegment(FLOATS, segment, 4 * index, LITTLE_ENDIAN);
    }

    static void store(FloatVector vector, MemorySegment segment, long index) {
        vector.intoMemorySegment(segment, 4 * index, LITTLE_ENDIAN);
    }

    /** Rounds to the nearest bf16, ties to even. */
    static FloatVector round(FloatVector vector) {
        IntVector bits = vector.reinterpretAsInts();
        IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
        return bits.add(0x7fff).add(odd).and(0xffff0000).reinterpretAsFloats();
    }

    /** {@link Exponential#exp} in every lane, to the bit. */
    static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.max(Exponential.MIN).min(Exponential.MAX);
        FloatVector round = FloatVector.broadcast(FLOATS, Exponential.ROUND);
        FloatVector shifted = clamped.fma(FloatVector.broadcast(FLOATS, Exponential.LOG2_E), round);
        FloatVector n = shifted.sub(round);
        FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_HIGH), clamped);
        r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_LOW), r);
        FloatVector p = FloatVector.broadcast(FLOATS, Exponential.C6);
        p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C5));
        p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C4));
        p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C3));
        p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C2));
        p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C1));
        p = p.fma(r.mul(r), r).add(1);
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.mul(exponent.add(Exponential.ONE).reinterpretAsFloats());
    }
}
