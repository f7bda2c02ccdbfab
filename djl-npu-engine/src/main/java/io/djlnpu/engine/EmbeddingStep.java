package io.djlnpu.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.djlnpu.decoder.TextEmbedder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The pass of an embedding model over a batch: ids and mask in, the last hidden states of all
 * tokens and a vector for each text out. A row's text is its unmasked tokens, wherever the padding
 * lies; padding is never computed, and its hidden states are 0.
 */
final class EmbeddingStep {

    static final String STATES = "last_hidden_state";
    static final String EMBEDDING = "sentence_embedding";

    private EmbeddingStep() {}

    /** Runs the pass; outputs belong to the inputs' manager. */
    static NDList run(NpuRuntime runtime, NDList inputs) {
        NDArray ids = named(inputs, GraphSignature.IDS, 0);
        NDArray mask = named(inputs, GraphSignature.MASK, 1);
        if (ids == null || ids.getShape().dimension() != 2) {
            throw new IllegalArgumentException(
                    "inputs %s, expected token ids [batch, tokens] and, if texts differ in length, attention_mask of the same shape"
                            .formatted(inputs));
        }
        if (mask != null && !mask.getShape().equals(ids.getShape())) {
            throw new IllegalArgumentException(
                    "attention_mask %s, expected %s as the token ids have"
                            .formatted(mask.getShape(), ids.getShape()));
        }
        int batch = Math.toIntExact(ids.getShape().get(0));
        int length = Math.toIntExact(ids.getShape().get(1));
        int[][] slots = slots(mask, batch, length);
        return output(runtime, texts(ids, slots, length), slots, length, ids.getManager());
    }

    /** By name, or by place if nothing has a name. */
    private static NDArray named(NDList inputs, String name, int place) {
        NDArray array = inputs.get(name);
        boolean nameless = inputs.stream().allMatch(input -> input.getName() == null);
        return array == null && nameless && place < inputs.size() ? inputs.get(place) : array;
    }

    /** Where each row's tokens stand. */
    private static int[][] slots(NDArray mask, int batch, int length) {
        Number[] seen = mask == null ? null : mask.toArray();
        int[][] slots = new int[batch][length];
        for (int row = 0; row < batch; row++) {
            int count = 0;
            for (int i = 0; i < length; i++) {
                if (seen == null || seen[row * length + i].doubleValue() != 0) {
                    slots[row][count++] = i;
                }
            }
            if (count == 0) {
                throw new IllegalArgumentException(
                        "row " + row + " of the batch is masked as a whole; leave it out");
            }
            slots[row] = Arrays.copyOf(slots[row], count);
        }
        return slots;
    }

    private static List<int[]> texts(NDArray ids, int[][] slots, int length) {
        Number[] tokens = ids.toArray();
        List<int[]> texts = new ArrayList<>();
        for (int row = 0; row < slots.length; row++) {
            int first = row * length;
            texts.add(
                    Arrays.stream(slots[row])
                            .map(i -> Math.toIntExact(tokens[first + i].longValue()))
                            .toArray());
        }
        return texts;
    }

    private static NDList output(
            NpuRuntime runtime, List<int[]> texts, int[][] slots, int length, NDManager manager) {
        int hidden = runtime.model().config().hiddenSize();
        long numbers = (long) texts.size() * length * hidden;
        if (numbers > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "hidden states of %d x %d tokens x %d numbers do not fit one array; feed fewer texts"
                            .formatted(texts.size(), length, hidden));
        }
        float[] states = new float[(int) numbers];
        int width;
        float[] vectors;
        TextEmbedder embedder = runtime.embeddings().lease();
        try {
            width = embedder.width();
            vectors = new float[texts.size() * width];
            List<TextEmbedder.Embedded> embedded = embedder.embedWithStates(texts);
            for (int row = 0; row < slots.length; row++) {
                float[] own = embedded.get(row).states();
                for (int i = 0; i < slots[row].length; i++) {
                    int target = (row * length + slots[row][i]) * hidden;
                    System.arraycopy(own, i * hidden, states, target, hidden);
                }
                System.arraycopy(embedded.get(row).vector(), 0, vectors, row * width, width);
            }
        } finally {
            runtime.embeddings().giveBack(embedder);
        }
        NDArray all = manager.create(states, new Shape(texts.size(), length, hidden));
        all.setName(STATES);
        NDArray pooled = manager.create(vectors, new Shape(texts.size(), width));
        pooled.setName(EMBEDDING);
        return new NDList(all, pooled);
    }
}
