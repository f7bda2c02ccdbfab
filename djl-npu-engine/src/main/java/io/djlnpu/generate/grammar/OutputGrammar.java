package io.djlnpu.generate.grammar;

import com.google.gson.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.ByteRunAutomaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;

/**
 * The form of an answer, as a deterministic automaton over UTF-8 bytes. Immutable; may be shared by
 * many answers.
 */
public final class OutputGrammar {

    /** States at most, so that a hostile schema cannot eat the memory; 1 KB each at the end. */
    private static final int MAX_STATES = 50_000;

    /** Some seconds of a core at the very worst. */
    private static final int WORK_LIMIT = 500_000;

    private static final String TOO_COMPLEX =
            "the form is too complex to be compiled; make it smaller";

    static final int UNREACHABLE = Integer.MAX_VALUE;

    /** Weight of forms that are kept, since clients ask for the same again: one giant, or ten. */
    static final long MOST_KEPT = MAX_STATES + 5_000;

    private static final RecentlyUsed<String, OutputGrammar> KEPT =
            new RecentlyUsed<>(MOST_KEPT, OutputGrammar::weight);

    private final ByteRunAutomaton automaton;

    /** Bytes from each state to the nearest end. */
    private final int[] distances;

    private OutputGrammar(Automaton characters) {
        automaton = new ByteRunAutomaton(determinize(characters));
        distances = distances(automaton);
        if (distances[0] == UNREACHABLE) {
            throw new IllegalArgumentException("no answer can be of this form");
        }
    }

    /**
     * Returns the grammar of the JSON texts that a schema accepts.
     *
     * @param schema a JSON schema; see {@link JsonSchemaCompiler} for what is understood
     * @return compact JSON with properties in the schema's order
     * @throws IllegalArgumentException if the schema asks for what cannot be guaranteed
     */
    public static OutputGrammar jsonSchema(JsonObject schema) {
        return of("schema " + schema, () -> new JsonSchemaCompiler(schema).compile());
    }

    /**
     * Returns the grammar of JSON objects.
     *
     * @return any object, nested {@value JsonAutomata#MAX_DEPTH} deep at most
     */
    public static OutputGrammar jsonObject() {
        return of("object", () -> JsonAutomata.object(JsonAutomata.MAX_DEPTH));
    }

    /**
     * Returns the grammar of a regular expression.
     *
     * @param expression matches the whole answer; see {@link RegularExpression} for what is
     *     understood
     * @return its language
     * @throws IllegalArgumentException if it cannot be read, or accepts nothing
     */
    public static OutputGrammar regex(String expression) {
        return of("expression " + expression, () -> RegularExpression.whole(expression));
    }

    private interface Source {
        Automaton automaton();
    }

    private static OutputGrammar of(String form, Source source) {
        return KEPT.get(form, f -> compile(source));
    }

    private static OutputGrammar compile(Source source) {
        try {
            return new OutputGrammar(source.automaton());
        } catch (TooComplexToDeterminizeException | StackOverflowError e) {
            throw new IllegalArgumentException(TOO_COMPLEX, e);
        }
    }

    static Automaton determinize(Automaton automaton) {
        return bounded(Operations.determinize(automaton, WORK_LIMIT));
    }

    static Automaton bounded(Automaton automaton) {
        requireSmall(automaton.getNumStates());
        return automaton;
    }

    static void requireSmall(long states) {
        if (states > MAX_STATES) {
            throw new IllegalArgumentException(TOO_COMPLEX);
        }
    }

    /** Breadth first from the ends, against the arrows. */
    private static int[] distances(ByteRunAutomaton automaton) {
        int states = automaton.getSize();
        List<BitSet> predecessors = new ArrayList<>();
        for (int state = 0; state < states; state++) {
            predecessors.add(new BitSet());
        }
        int[] distances = new int[states];
        Arrays.fill(distances, UNREACHABLE);
        Queue<Integer> queue = new ArrayDeque<>();
        for (int state = 0; state < states; state++) {
            for (int b = 0; b < 256; b++) {
                int next = automaton.step(state, b);
                if (next >= 0) {
                    predecessors.get(next).set(state);
                }
            }
            if (automaton.isAccept(state)) {
                distances[state] = 0;
                queue.add(state);
            }
        }
        while (!queue.isEmpty()) {
            int state = queue.remove();
            for (int before : predecessors.get(state).stream().toArray()) {
                if (distances[before] == UNREACHABLE) {
                    distances[before] = distances[state] + 1;
                    queue.add(before);
                }
            }
        }
        return distances;
    }

    /** The state before the first byte. */
    int start() {
        return 0;
    }

    /** Returns the state after a byte; negative if no answer goes on so. */
    int step(int state, int unsignedByte) {
        int next = automaton.step(state, unsignedByte);
        return next >= 0 && distances[next] != UNREACHABLE ? next : -1;
    }

    /** Whether the answer may end here. */
    boolean isEnd(int state) {
        return distances[state] == 0;
    }

    /** Whether the answer can only end here. */
    boolean isComplete(int state) {
        for (int b = 0; b < 256; b++) {
            if (step(state, b) >= 0) {
                return false;
            }
        }
        return isEnd(state);
    }

    /** The fewest bytes that make a whole answer of what is there; {@link #UNREACHABLE} if none. */
    int bytesToEnd(int state) {
        return distances[state];
    }

    /** The lowest byte that leads nearer to an end; negative where there is none. */
    int byteTowardsEnd(int state) {
        for (int b = 0; b < 256; b++) {
            int next = step(state, b);
            if (next >= 0 && distances[next] < distances[state]) {
                return b;
            }
        }
        return -1;
    }

    int states() {
        return distances.length;
    }

    /** Memory in KB, roughly, with what is kept of how tokens fit in. */
    long weight() {
        return 5_000 + distances.length;
    }
}
