package io.djlnpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Fused multiply-adds in registers and nothing else: what a core can do at most. */
public final class FmaPeak {

    private static final int CHAINS = 10;

    private FmaPeak() {}

    /**
     * Multiplies and adds, in as many independent chains as hide the latency.
     *
     * @param rounds how often each chain is continued
     * @return something that depends on all of it
     */
    public static float run(int rounds) {
        FloatVector factor = FloatVector.broadcast(Lanes.FLOATS, 0.999f);
        FloatVector summand = FloatVector.broadcast(Lanes.FLOATS, 1e-3f);
        // into the sum, as C2 has fused multiply-adds: any other form costs a move
        FloatVector a = factor;
        FloatVector b = factor;
        FloatVector c = factor;
        FloatVector d = factor;
        FloatVector e = factor;
        FloatVector f = factor;
        FloatVector g = factor;
        FloatVector h = factor;
        FloatVector i = factor;
        FloatVector j = factor;
        for (int round = 0; round < rounds; round++) {
            a = factor.fma(summand, a);
            b = factor.fma(summand, b);
            c = factor.fma(summand, c);
            d = factor.fma(summand, d);
            e = factor.fma(summand, e);
            f = factor.fma(summand, f);
            g = factor.fma(summand, g);
            h = factor.fma(summand, h);
            i = factor.fma(summand, i);
            j = factor.fma(summand, j);
        }
        FloatVector sum = a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j);
        return sum.reduceLanes(VectorOperators.ADD);
    }

    /**
     * Returns the floating point operations of a run.
     *
     * @param rounds as {@link #run} takes it
     * @return two for each lane of each fused multiply-add
     */
    public static long operations(int rounds) {
        return 2L * CHAINS * Lanes.COUNT * rounds;
    }
}
