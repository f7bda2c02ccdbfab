package io.djlnpu.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.decoder.KeyValueBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One forward pass over a batch: row by row, each in a session of its own.
 *
 * <p>Masked slots cost nothing: a row's tokens are its unmasked slots, wherever the padding lies.
 * Positions may leave gaps, as right padding does when a search goes on behind it. The outputs of a
 * masked slot repeat those of the token before it (zeros where there is none).
 */
final class CausalStep {

    private final NpuRuntime runtime;
    private final DecoderSpec config;
    private final CausalInputs inputs;
    private final float[] logits;
    private final float[] hidden;
    private final boolean[][] unmasked;

    private CausalStep(NpuRuntime runtime, CausalInputs inputs) {
        this.runtime = runtime;
        this.inputs = inputs;
        config = runtime.model().config();
        logits = allocate(config.vocabSize());
        hidden = allocate(config.hiddenSize());
        unmasked = new boolean[inputs.batch()][];
    }

    /** Runs the pass; outputs belong to the inputs' manager. */
    static NDList run(NpuRuntime runtime, NDList list) {
        CausalInputs inputs = CausalInputs.of(list, runtime.model().config());
        return new CausalStep(runtime, inputs).run(list.head().getManager());
    }

    private float[] allocate(int width) {
        long size = (long) inputs.batch() * inputs.steps() * width;
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "outputs of %d x %d tokens x %d numbers do not fit one array; feed the prompt"
                                    .formatted(inputs.batch(), inputs.steps(), width)
                            + " in parts");
        }
        return new float[(int) size];
    }

    private NDList run(NDManager manager) {
        List<RowState> before = pastStates();
        List<RowState> after = new ArrayList<>();
        for (int row = 0; row < inputs.batch(); row++) {
            after.add(advance(row, before.get(row)));
        }
        NDList outputs = new NDList();
        int batch = inputs.batch();
        int steps = inputs.steps();
        outputs.add(
                named(
                        manager.create(logits, new Shape(batch, steps, config.vocabSize())),
                        GraphSignature.LOGITS));
        Presents.append(runtime, after, inputs.past() + steps, manager, outputs);
        outputs.add(
                named(
                        manager.create(hidden, new Shape(batch, steps, config.hiddenSize())),
                        GraphSignature.HIDDEN));
        return outputs;
    }

    private static NDArray named(NDArray array, String name) {
        array.setName(name);
        return array;
    }

    private RowState advance(int row, RowState state) {
        boolean[] mask = unmasked[row];
        int[] steps = new int[inputs.steps()];
        int count = 0;
        for (int step = 0; step < inputs.steps(); step++) {
            if (mask[inputs.past() + step]) {
                steps[count++] = step;
            }
        }
        int[] tokenSteps = Arrays.copyOf(steps, count);
        int[] ids = new int[count];
        int[] shifts = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = inputs.id(row, tokenSteps[i]);
            int place = state.tokens() + i;
            shifts[i] = inputs.hasPositions() ? inputs.position(row, tokenSteps[i]) - place : 0;
        }
        RowState after =
                state.advance(
                        ids,
                        shifts,
                        mask,
                        (token, tokenLogits, tokenHidden) -> {
                            put(tokenLogits, logits, row, tokenSteps[token]);
                            put(tokenHidden, hidden, row, tokenSteps[token]);
                        });
        repeatOverMasked(row, mask);
        return after;
    }

    private void put(float[] source, float[] target, int row, int step) {
        int at = (row * inputs.steps() + step) * source.length;
        System.arraycopy(source, 0, target, at, source.length);
    }

    private void repeatOverMasked(int row, boolean[] mask) {
        for (int step = 1; step < inputs.steps(); step++) {
            if (!mask[inputs.past() + step]) {
                repeat(logits, config.vocabSize(), row * inputs.steps() + step);
                repeat(hidden, config.hiddenSize(), row * inputs.steps() + step);
            }
        }
    }

    private static void repeat(float[] values, int width, int index) {
        System.arraycopy(values, (index - 1) * width, values, index * width, width);
    }

    private List<RowState> pastStates() {
        List<RowState> known = Presents.states(inputs.caches(), runtime);
        List<KeyValueBlock> blocks = null;
        List<RowState> states = new ArrayList<>();
        for (int row = 0; row < inputs.batch(); row++) {
            boolean[] stated = known == null ? null : known.get(row).unmasked();
            unmasked[row] = inputs.unmasked(row, stated);
            boolean[] past = Arrays.copyOf(unmasked[row], inputs.past());
            if (Arrays.equals(stated, past)) {
                states.add(known.get(row));
                continue;
            }
            if (blocks == null) {
                blocks = readCaches();
            }
            int offset = row * config.keyValueWidth() * inputs.past();
            List<KeyValueBlock> own =
                    blocks.stream()
                            .map(b -> new KeyValueBlock(b.keys(), b.values(), offset, b.slots()))
                            .toList();
            states.add(RowState.of(runtime, new ImportedRow(own, past)));
        }
        return states;
    }

    private List<KeyValueBlock> readCaches() {
        List<KeyValueBlock> blocks = new ArrayList<>();
        for (int i = 0; i < inputs.caches().size(); i += 2) {
            float[] keys = inputs.caches().get(i).toFloatArray();
            float[] values = inputs.caches().get(i + 1).toFloatArray();
            blocks.add(new KeyValueBlock(keys, values, 0, inputs.past()));
        }
        return blocks;
    }
}
