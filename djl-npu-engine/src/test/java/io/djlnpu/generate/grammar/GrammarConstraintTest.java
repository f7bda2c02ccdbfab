package io.djlnpu.generate.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GrammarConstraintTest {

    private static final int EOS = 0;
    private static final TokenTree TOKENS = vocabulary();

    /** The end, all bytes, and long words as a trained vocabulary has them. */
    private static TokenTree vocabulary() {
        List<byte[]> bytes = new ArrayList<>();
        bytes.add(null);
        IntStream.range(0, 256).forEach(b -> bytes.add(new byte[] {(byte) b}));
        for (String word :
                List.of("property", "_number", "_", "\":", " \"", "\",", "{\"", "\"}", "water")) {
            bytes.add(word.getBytes(StandardCharsets.UTF_8));
        }
        return new TokenTree(bytes);
    }

    private static OutputGrammar strings(int count) {
        JsonObject properties = new JsonObject();
        for (int i = 0; i < count; i++) {
            properties.add("property_number_" + i, JsonParser.parseString("{\"type\":\"string\"}"));
        }
        JsonObject schema = new JsonObject();
        schema.add("properties", properties);
        schema.addProperty("additionalProperties", false);
        schema.add("required", JsonParser.parseString(properties.keySet().toString()));
        return OutputGrammar.jsonSchema(schema);
    }

    /** Answers with what the model likes best of the allowed. */
    private static String answer(OutputGrammar grammar, int limit, Random likes) {
        GrammarConstraint form = GrammarConstraint.start(grammar, TOKENS, Set.of(EOS), limit);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < limit && !form.isComplete(); i++) {
            float[] logits = new float[TOKENS.size()];
            IntStream.range(0, logits.length).forEach(id -> logits[id] = likes.nextFloat());
            Arrays.fill(logits, 'a' + 1, 'z' + 2, 2); // it would go on with letters for ever
            form.apply(logits);
            int best = 0;
            for (int id = 1; id < logits.length; id++) {
                best = logits[id] > logits[best] ? id : best;
            }
            form.accept(best);
            text.append(best == EOS ? "" : new String(TOKENS.bytes(best), StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    /** Eight names are 168 bytes, but some 60 tokens: the first value may be long. */
    @Test
    void theLimitIsCountedInTokensNotInBytes() {
        JsonObject answer =
                JsonParser.parseString(answer(strings(8), 200, new Random(1))).getAsJsonObject();
        assertThat(answer.size()).isEqualTo(8);
        assertThat(answer.asMap().values()).anyMatch(value -> value.getAsString().length() > 120);
    }

    @Test
    void anAnswerIsWholeWheneverTheLimitLeavesRoomForTheShortest() {
        OutputGrammar grammar = strings(3);
        int shortest = TOKENS.under(grammar, Set.of(EOS)).tokensToEnd(grammar.start());
        assertThat(shortest).isLessThan(30);
        for (int limit = shortest; limit < shortest + 40; limit++) {
            String text = answer(grammar, limit, new Random(limit));
            assertThat(JsonParser.parseString(text).getAsJsonObject().size()).isEqualTo(3);
        }
        assertThat(answer(grammar, shortest - 5, new Random(2))).startsWith("{\"property");
    }

    /** Twice the tokens of a step that bans nothing new: the set is computed once. */
    @Test
    void setsOfTokensAreSharedByAllAnswersOfAForm() {
        OutputGrammar grammar = strings(2);
        assertThat(strings(2)).as("the same schema").isSameAs(grammar);
        TokenGrammar form = TOKENS.under(grammar, Set.of(EOS));
        assertThat(TOKENS.under(strings(2), Set.of(EOS))).isSameAs(form);
        assertThat(form.allowed(grammar.start())).isSameAs(form.allowed(grammar.start()));
    }

    @Test
    void keepsWhatWasUsedLast() {
        RecentlyUsed<Integer, String> kept = new RecentlyUsed<>(3, String::length);
        String one = kept.get(1, k -> new String("x"));
        kept.get(2, k -> "y");
        assertThat(kept.get(1, k -> "other")).isSameAs(one);
        kept.get(3, k -> "zz");
        assertThat(kept.get(1, k -> "other")).isSameAs(one);
        assertThat(kept.get(2, k -> "again")).isEqualTo("again");
    }
}
