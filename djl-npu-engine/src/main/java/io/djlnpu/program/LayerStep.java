package io.djlnpu.program;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.bundle.LayerTensor;
import java.util.List;
import java.util.Set;

/**
 * A step of a layer. Steps name their operands by role; which memory, kernel or price that is, a
 * reading of the program knows.
 */
public sealed interface LayerStep {

    /**
     * Names what the step reads.
     *
     * @return roles
     */
    Set<Operand> reads();

    /**
     * Names what the step replaces without having read it.
     *
     * @return roles
     */
    Set<Operand> writes();

    /**
     * RMSNorm of the residual stream.
     *
     * @param weight which of the layer's norms
     */
    record Norm(LayerTensor weight) implements LayerStep {
        @Override
        public Set<Operand> reads() {
            return Set.of(Operand.RESIDUAL);
        }

        @Override
        public Set<Operand> writes() {
            return Set.of(Operand.NORMED);
        }
    }

    /**
     * Products of several matrices with one input.
     *
     * @param input what is multiplied
     * @param matrices the matrices; {@link Operand#productOf} says what the product of each is
     */
    record Project(Operand input, List<LayerTensor> matrices) implements LayerStep {
        /** Copies the list. */
        public Project {
            matrices = List.copyOf(matrices);
        }

        @Override
        public Set<Operand> reads() {
            return Set.of(input);
        }

        @Override
        public Set<Operand> writes() {
            return Set.copyOf(matrices.stream().map(Operand::productOf).toList());
        }
    }

    /** RMSNorm of queries and keys in place, head by head. */
    record NormHeads() implements LayerStep {
        @Override
        public Set<Operand> reads() {
            return Set.of(Operand.QUERY, Operand.KEY);
        }

        @Override
        public Set<Operand> writes() {
            return Set.of();
        }
    }

    /**
     * Rotation of queries and keys in place; queries are multiplied by the attention scale too.
     *
     * @param kind whose angles
     */
    record Rotate(LayerKind kind) implements LayerStep {
        @Override
        public Set<Operand> reads() {
            return Set.of(Operand.QUERY, Operand.KEY);
        }

        @Override
        public Set<Operand> writes() {
            return Set.of();
        }
    }

    /** Keys and values join the cache. */
    record Append() implements LayerStep {
        @Override
        public Set<Operand> reads() {
            return Set.of(Operand.KEY, Operand.VALUE);
        }

        @Override
        public Set<Operand> writes() {
            return Set.of();
        }
    }

    /**
     * Attention over the cache.
     *
     * @param kind whose visibility
     */
    record Attend(LayerKind kind) implements LayerStep {
        @Override
        public Set<Operand> reads() {
            return Set.of(Operand.QUERY);
        }

        @Override
        public Set<Operand> writes() {
            return Set.of(Operand.ATTENDED);
        }
    }

    /**
     * The activated gate times the other factor, in the gate's place.
     *
     * @param activation the gate's activation
     */
    record Gate(GateActivation activation) implements LayerStep {
        @Override
        public Set<Operand> reads() {
            return Set.of(Operand.GATE, Operand.UP);
        }

        @Override
        public Set<Operand> writes() {
            return Set.of();
        }
    }

    /**
     * RMSNorm of a block's result, added to the residual stream.
     *
     * @param weight which of the layer's norms
     */
    record NormAdd(LayerTensor weight) implements LayerStep {
        @Override
        public Set<Operand> reads() {
            return Set.of(Operand.PROJECTED, Operand.RESIDUAL);
        }

        @Override
        public Set<Operand> writes() {
            return Set.of();
        }
    }

    /** A block's result, added to the residual stream as it is. */
    record Add() implements LayerStep {
        @Override
        public Set<Operand> reads() {
            return Set.of(Operand.PROJECTED, Operand.RESIDUAL);
        }

        @Override
        public Set<Operand> writes() {
            return Set.of();
        }
    }
}
