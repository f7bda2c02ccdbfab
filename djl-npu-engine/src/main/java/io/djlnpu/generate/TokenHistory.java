package io.djlnpu.generate;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;

/** Which tokens a prompt and its answer hold. */
final class TokenHistory {

    /** Receives a token and how often the answer holds it. */
    interface CountConsumer {
        void accept(int id, int count);
    }

    private final BitSet seen = new BitSet();
    private final Map<Integer, Integer> generated = new HashMap<>();

    /** Leaves out placeholders that are no tokens of the vocabulary. */
    TokenHistory(int[] promptIds, int vocab) {
        for (int id : promptIds) {
            if (id >= 0 && id < vocab) {
                seen.set(id);
            }
        }
    }

    void add(int id) {
        seen.set(id);
        generated.merge(id, 1, Integer::sum);
    }

    void forEachSeen(IntConsumer consumer) {
        for (int id = seen.nextSetBit(0); id >= 0; id = seen.nextSetBit(id + 1)) {
            consumer.accept(id);
        }
    }

    void forEachGenerated(CountConsumer consumer) {
        generated.forEach(consumer::accept);
    }
}
