package io.djlnpu.generate.grammar;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The form of an answer, as an automaton over UTF-8 bytes that is made as answers reach its states:
 * a state is a {@link Term}, what follows a byte is its derivative. May be shared by many answers
 * and threads.
 */
public final class OutputGrammar {

    static final int UNREACHABLE = Term.INFINITE;

    /** States of a kept form, which answers add to; then it is compiled anew. */
    private static final int MOST_STATES = 100_000;

    /** Forms that are kept, since clients ask for the same again. */
    static final long MOST_KEPT = 32;

    /** No model writes more. */
    private static final int LONGEST_ANSWER = 10_000_000;

    private static final long DEFAULT_MILLIS = 2000;
    private static final long DEFAULT_MEGABYTES = 64;

    private static final RecentlyUsed<String, OutputGrammar> KEPT =
            new RecentlyUsed<>(MOST_KEPT, grammar -> 1);

    private final Terms terms;
    private final Derivatives derivatives;
    private final Term start;
    private Set<String> ignored = Set.of();

    /** Grown under the lock, read without. */
    private volatile Term[] states;

    private OutputGrammar(Function<OutputGrammar, Term> source) {
        CompileBudget budget =
                new CompileBudget(
                        Long.getLong("npu.form.millis", DEFAULT_MILLIS),
                        Long.getLong("npu.form.megabytes", DEFAULT_MEGABYTES));
        terms = new Terms(budget);
        derivatives = new Derivatives(terms);
        start = source.apply(this);
        int shortest = derivatives.length(start);
        if (shortest == UNREACHABLE) {
            throw new IllegalArgumentException("no answer can be of this form");
        }
        if (shortest > LONGEST_ANSWER) {
            throw new IllegalArgumentException(
                    CompileBudget.TOO_COMPLEX
                            + ": its shortest answer has more than "
                            + LONGEST_ANSWER
                            + " bytes");
        }
        budget.compiled();
        publish();
    }

    /**
     * Returns the grammar of the JSON texts that a schema accepts: compact, properties in any
     * order.
     *
     * @param schema a JSON schema of any draft from 4 on; {@link #ignored} tells what was left out
     *     of account
     * @return the grammar
     * @throws IllegalArgumentException if the schema asks for what cannot be guaranteed, or takes
     *     more than two seconds or 64 MB to compile (system properties {@code npu.form.millis} and
     *     {@code npu.form.megabytes})
     * @throws java.util.concurrent.CancellationException if the thread is interrupted meanwhile
     */
    public static OutputGrammar jsonSchema(JsonObject schema) {
        return jsonSchema(schema, false);
    }

    /**
     * Returns the grammar of the JSON texts that a schema accepts.
     *
     * @param schema a JSON schema
     * @param freeSpace whether white space may stand wherever JSON allows it
     * @return the grammar
     * @throws IllegalArgumentException as above
     */
    public static OutputGrammar jsonSchema(JsonObject schema, boolean freeSpace) {
        return of(
                (freeSpace ? "free schema " : "schema ") + schema,
                grammar -> {
                    JsonText json = new JsonText(grammar.terms, freeSpace);
                    JsonSchemaCompiler compiler =
                            new JsonSchemaCompiler(schema, json, grammar.derivatives);
                    Term term = compiler.compile();
                    grammar.ignored = Set.copyOf(compiler.ignored());
                    return term;
                });
    }

    /**
     * Returns the grammar of JSON objects.
     *
     * @return any object
     */
    public static OutputGrammar jsonObject() {
        return of("object", grammar -> new JsonText(grammar.terms, false).anyObject());
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
        return of(
                "expression " + expression,
                grammar -> RegularExpression.whole(expression, Encoding.plain(grammar.terms)));
    }

    /**
     * Returns the grammar of some texts.
     *
     * @param texts of which the answer is one
     * @return the grammar
     * @throws IllegalArgumentException if there are too many
     */
    public static OutputGrammar choice(List<String> texts) {
        return of(
                "choice " + String.join("\0", texts),
                grammar -> grammar.terms.either(texts.stream().map(grammar.terms::text).toList()));
    }

    private static OutputGrammar of(String form, Function<OutputGrammar, Term> source) {
        OutputGrammar kept = KEPT.get(form, f -> compile(source));
        return kept.isWorn() ? KEPT.renew(form, f -> compile(source)) : kept;
    }

    private static OutputGrammar compile(Function<OutputGrammar, Term> source) {
        try {
            return new OutputGrammar(source);
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException(CompileBudget.TOO_COMPLEX, e);
        }
    }

    private synchronized boolean isWorn() {
        return terms.size() > MOST_STATES;
    }

    /**
     * Returns the keywords of a schema that were not known and do not constrain.
     *
     * @return their names
     */
    public Set<String> ignored() {
        return ignored;
    }

    /** The state before the first byte. */
    int start() {
        return start.id;
    }

    /** Returns the state after a byte; negative if no answer goes on so. */
    int step(int state, int unsignedByte) {
        return steps(state)[unsignedByte];
    }

    /** The states after each byte; negative where no answer goes on. Not to be changed. */
    int[] steps(int state) {
        int[] steps = states[state].steps;
        return steps != null ? steps : makeSteps(states[state]);
    }

    /** States are published before anybody can reach them. */
    private synchronized int[] makeSteps(Term term) {
        if (terms.budget.isNearlySpent()) {
            derivatives.forgetRows();
        }
        try {
            Term[] row = derivatives.row(term);
            int[] steps = new int[256];
            for (int b = 0; b < 256; b++) {
                steps[b] = row[b] == terms.nothing ? -1 : row[b].id;
            }
            publish();
            term.steps = steps;
            return steps;
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException(CompileBudget.TOO_COMPLEX, e);
        }
    }

    private void publish() {
        Term[] known = states;
        int size = terms.size();
        if (known != null && known.length >= size) {
            for (int id = size - 1; id >= 0 && known[id] == null; id--) {
                known[id] = terms.get(id);
            }
            states = known;
            return;
        }
        Term[] grown = new Term[size + size / 2 + 64];
        for (int id = 0; id < size; id++) {
            grown[id] = terms.get(id);
        }
        states = grown;
    }

    /** Whether the answer may end here. */
    boolean isEnd(int state) {
        return states[state].nullable;
    }

    /** Whether the answer can only end here. */
    boolean isComplete(int state) {
        for (int next : steps(state)) {
            if (next >= 0) {
                return false;
            }
        }
        return isEnd(state);
    }

    /** The fewest bytes that make a whole answer of what is there, or a bound of them. */
    int bytesToEnd(int state) {
        int length = states[state].length;
        if (length != Term.UNKNOWN) {
            return length;
        }
        synchronized (this) {
            return derivatives.length(states[state]);
        }
    }

    /** The byte that leads to the nearest end; negative where there is none, or this is one. */
    int byteTowardsEnd(int state) {
        if (isEnd(state)) {
            return -1;
        }
        synchronized (this) {
            return derivatives.lead(states[state]);
        }
    }
}
