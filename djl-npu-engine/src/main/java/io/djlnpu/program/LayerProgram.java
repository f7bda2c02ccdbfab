package io.djlnpu.program;

import io.djlnpu.bundle.LayerStyle;
import io.djlnpu.bundle.LayerTensor;
import io.djlnpu.bundle.NormPlacement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The order of a decoder layer: attention over grouped queries, then a gated MLP, each added to the
 * residual stream. Prefill, decode, embedding, price and the event simulator are readings of it.
 *
 * @param steps the steps in order
 */
public record LayerProgram(List<LayerStep> steps) {

    /** Copies the list. */
    public LayerProgram {
        steps = List.copyOf(steps);
    }

    /**
     * Writes the program of a layer.
     *
     * @param style what the model's layers compute
     * @param kind the kind of layer
     * @return the program
     */
    public static LayerProgram of(LayerStyle style, LayerKind kind) {
        NormPlacement norms = style.norms();
        List<LayerStep> steps = new ArrayList<>();
        Operand input = enter(steps, norms, LayerTensor.INPUT_NORM);
        steps.add(
                new LayerStep.Project(
                        input, List.of(LayerTensor.QUERY, LayerTensor.KEY, LayerTensor.VALUE)));
        if (style.headNorms()) {
            steps.add(new LayerStep.NormHeads());
        }
        steps.add(new LayerStep.Rotate(kind));
        steps.add(new LayerStep.Append());
        steps.add(new LayerStep.Attend(kind));
        steps.add(new LayerStep.Project(Operand.ATTENDED, List.of(LayerTensor.OUTPUT)));
        leave(steps, norms, LayerTensor.POST_ATTENTION_NORM);
        input = enter(steps, norms, LayerTensor.PRE_FEEDFORWARD_NORM);
        steps.add(new LayerStep.Project(input, List.of(LayerTensor.GATE, LayerTensor.UP)));
        steps.add(new LayerStep.Gate(style.activation()));
        steps.add(new LayerStep.Project(Operand.GATE, List.of(LayerTensor.DOWN)));
        leave(steps, norms, LayerTensor.POST_FEEDFORWARD_NORM);
        return new LayerProgram(steps);
    }

    private static Operand enter(List<LayerStep> steps, NormPlacement norms, LayerTensor weight) {
        if (norms == NormPlacement.AFTER) {
            return Operand.RESIDUAL;
        }
        steps.add(new LayerStep.Norm(weight));
        return Operand.NORMED;
    }

    private static void leave(List<LayerStep> steps, NormPlacement norms, LayerTensor weight) {
        steps.add(
                norms == NormPlacement.BEFORE
                        ? new LayerStep.Add()
                        : new LayerStep.NormAdd(weight));
    }

    /**
     * Finds where a chunk's keys and values are stored: what follows computes the layer's result.
     *
     * @return how many steps that takes
     */
    public int stepsToStore() {
        return steps.indexOf(new LayerStep.Append()) + 1;
    }

    /**
     * Names the operands that a part of the program leaves for what follows.
     *
     * @param count the part's steps
     * @return roles that are read again before they are replaced
     */
    public Set<Operand> liveAfter(int count) {
        Set<Operand> live = EnumSet.noneOf(Operand.class);
        // what the layer leaves
        live.add(Operand.RESIDUAL);
        for (LayerStep step : steps.subList(count, steps.size()).reversed()) {
            live.removeAll(step.writes());
            live.addAll(step.reads());
        }
        return live;
    }

    /**
     * Tells whether a step follows a plain sum, its own layer's or the layer's before. The device's
     * norm does that sum on its way.
     *
     * @param index the step
     * @return true if the step before is {@link LayerStep.Add}
     */
    public boolean followsAdd(int index) {
        return steps.get(Math.floorMod(index - 1, steps.size())) instanceof LayerStep.Add;
    }
}
