package io.djlnpu.kernel;

import io.djlnpu.tile.DataflowPlan;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Remembers the plans that were asked for last: layers and sessions ask for the same few over and
 * over, and a search takes a millisecond.
 *
 * @param <K> what a plan depends on, with equality by value
 */
final class PlanMemory<K> {

    private static final int MOST = 256;

    private final Map<K, DataflowPlan> known =
            new LinkedHashMap<>(16, 0.75f, true) {

                @java.io.Serial private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<K, DataflowPlan> eldest) {
                    return size() > MOST;
                }
            };

    private final Function<K, DataflowPlan> search;

    PlanMemory(Function<K, DataflowPlan> search) {
        this.search = search;
    }

    /** Returns the plan, searched for if it is not remembered. */
    synchronized DataflowPlan of(K product) {
        DataflowPlan plan = known.get(product);
        if (plan == null) {
            plan = search.apply(product);
            known.put(product, plan);
        }
        return plan;
    }
}
