package io.djlnpu.generate.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputGrammarTest {

    private static OutputGrammar schema(String schema) {
        return OutputGrammar.jsonSchema(
                JsonParser.parseString(schema.replace('\'', '"')).getAsJsonObject());
    }

    private static boolean accepts(OutputGrammar grammar, String text) {
        int state = grammar.start();
        for (byte value : text.replace('\'', '"').getBytes(StandardCharsets.UTF_8)) {
            state = grammar.step(state, value & 0xFF);
            if (state < 0) {
                return false;
            }
        }
        return grammar.isEnd(state);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'string'} | 'a\\nü💧' | 'a",
                "{'type':'string','minLength':2,'maxLength':3} | 'abc' | 'abcd'",
                "{'type':'string','minLength':2} | 'abcde' | 'a'",
                "{'type':'string','pattern':'^[a-c]+$'} | 'abc' | 'abd'",
                "{'type':'string','pattern':'b'} | 'abc' | 'acc'",
                "{'type':'string','format':'date'} | '2026-02-28' | '2026-13-01'",
                "{'type':'integer'} | -12 | 012",
                "{'type':'integer','minimum':3,'maximum':120} | 117 | 121",
                "{'type':'integer','minimum':-5} | -5 | -6",
                "{'type':'integer','maximum':-5} | -7 | -4",
                "{'type':'number'} | -0.5e-3 | .5",
                "{'type':['boolean','null']} | null | 0",
                "{'enum':['red',3,null]} | 3 | 'blue'",
                "{'type':'integer','enum':['red',3]} | 3 | 'red'",
                "{'oneOf':[{'type':'integer'},{'type':'string'}]} | 'x' | null",
                "{'const':{'a':[1]}} | {'a':[1]} | {'a':[2]}",
                "{'anyOf':[{'type':'integer'},{'const':'x'}]} | 'x' | 'y'",
                "{'type':'array','items':{'type':'integer'}} | [1, 2,3] | [1,]",
                "{'type':'array','items':{'type':'integer'},'minItems':2,'maxItems':3} | [1,2] | [1]",
                "{'type':'array','items':{'type':'integer'},'minItems':2,'maxItems':3} | [1,2,3] |"
                        + " [1,2,3,4]",
                "{'type':'array','items':{'type':'integer'},'maxItems':0} | [] | [1]",
                "{'prefixItems':[{'type':'integer'},{'type':'string'}]} | [1,'a',null] | ['a']",
                "{'prefixItems':[{'type':'integer'}],'items':false} | [1] | [1,2]",
                "{'properties':{'a':{'type':'integer'},'b':{'type':'null'}},'required':['b']} |"
                        + " {'b':null} | {'a':1}",
                "{'properties':{'a':{'type':'integer'},'b':{'type':'null'}},'required':['b']} |"
                        + " {'a':1, 'b': null} | {'b':null,}",
                "{'properties':{'a':{'type':'integer'},'b':{'type':'null'}}} | {'c':1,'a':2} | {'a':null}",
                "{'properties':{'a':{'type':'integer'}},'additionalProperties':false} | {} | {'c':1}",
                "{'properties':{'a':{},'b':{}},'required':['a','b']} | {'b':1,'a':2} | {'b':1}",
                "{'type':'integer','multipleOf':3} | -123 | 124",
                "{'type':'number','multipleOf':0.01} | 1.25 | 1.255",
                "{'type':'number','minimum':0.5} | 0.50 | 0.49",
                "{'type':'number','exclusiveMaximum':-2.5} | -2.51 | -2.5",
                "{'type':'number','minimum':-1,'maximum':1} | -0.99 | 1.01",
                "{'type':'integer','minimum':9007199254740993} | 9007199254740993 | 9007199254740992",
                "{'type':'integer'} | 123456789012345678901234567890 | 1.5",
                "{'type':'string','format':'email'} | 'a.b@c.org' | 'a.b'",
                "{'type':'string','format':'date'} | '2024-02-29' | '2023-02-29'",
                "{'type':'string','format':'date'} | '2023-12-31' | '2023-04-31'",
                "{'type':'string','format':'ipv6'} | '::1' | '1::2::3'",
                "{'type':'string','format':'my-own'} | 'anything' | 7",
                "{'type':'string','maxLength':100000} | 'abc' | 7",
                "{'type':'string','minLength':2,'pattern':'^a'} | 'ab' | 'a'",
                "{'type':'string','pattern':'^(?!no)[a-z]+$'} | 'yes' | 'none'",
                "{'type':'string','pattern':'^\\\\p{Lu}'} | 'Äb' | 'äb'",
                "{'type':'string','pattern':'^.$'} | '\u00e9' | '\u00e9a'",
                "{'not':{'type':'string'}} | 7 | 'a'",
                "{'type':'string','not':{'enum':['a','b']}} | 'c' | 'b'",
                "{'type':'object','not':{'required':['x']}} | {'y':1} | {'y':1,'x':1}",
                "{'allOf':[{'minimum':3},{'maximum':5}],'type':'integer'} | 4 | 6",
                "{'type':'object','properties':{'a':{}},'required':['b']} | {'b':1} | {'a':1}",
                "{'type':'array','items':{'enum':['a','b']},'uniqueItems':true} | ['b','a'] | ['a','a']",
                "{'type':'object','patternProperties':{'^x':{'type':'integer'}},"
                        + "'additionalProperties':false} | {'x1':1} | {'y':1}",
                "{'type':'object','minProperties':1,'maxProperties':2} | {'a':1,'b':2} | {}",
                "{'type':'object','propertyNames':{'pattern':'^[a-z]+$'}} | {'ab':1} | {'A':1}",
                "{'type':'object','dependentRequired':{'a':['b']}} | {'a':1,'b':2} | {'a':1}",
                "{'type':'object','properties':{'k':{'enum':['x','y']}},'required':['k'],"
                        + "'if':{'properties':{'k':{'const':'x'}}},'then':{'required':['z']}} |"
                        + " {'k':'x','z':1} | {'k':'x'}",
                "{'oneOf':[{'properties':{'t':{'const':'a'}},'required':['t'],'type':'object'},"
                        + "{'properties':{'t':{'const':'b'},'n':{'type':'integer'}},"
                        + "'required':['t','n'],'type':'object'}]} | {'n':1,'t':'b'} | {'t':'b'}",
                "{'$schema':'http://json-schema.org/draft-04/schema#','type':'integer',"
                        + "'minimum':3,'exclusiveMinimum':true} | 4 | 3",
                "{'x-vendor':{'a':1},'id':'http://a/b','type':'null'} | null | 0",
                "{'type':'object','additionalProperties':{'type':'integer'}} | {'x':1,'y':2} |"
                        + " {'x':'1'}",
                "{'$defs':{'n':{'type':'integer'}},'properties':{'a':{'$ref':'#/$defs/n'}}} |"
                        + " {'a':1} | {'a':'1'}",
                "{'$defs':{'a b/c':{'type':'integer'}},'properties':{'a':{'$ref':"
                        + "'#/$defs/a%20b~1c'}}} | {'a':1} | {'a':'1'}",
                "{'properties':{'v':{'type':'integer'},'next':{'$ref':'#'}},'required':['v']} |"
                        + " {'v':1,'next':{'v':2}} | {'v':1,'next':{}}",
                "{} | {'a':[1,{'b':null}]} | {a:1}"
            })
    void acceptsWhatASchemaAcceptsAndNothingElse(String schema, String valid, String invalid) {
        OutputGrammar grammar = schema(schema);
        assertThat(accepts(grammar, valid)).as(valid).isTrue();
        assertThat(accepts(grammar, invalid)).as(invalid).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'number','multipleOf':0.3}",
                "{'type':'array','uniqueItems':true}",
                "{'type':'array','contains':{'type':'integer'}}",
                "{'type':'dog'}",
                "{'not':{'minimum':3}}",
                "{'allOf':[{'type':'string'},{'type':'integer'}]}",
                "{'$ref':'http://example.com/x'}",
                "{'$ref':'#/$defs/none'}",
                "{'type':'string','const':7}",
                "{'oneOf':[{'type':'integer'},{'type':'number'}]}",
                "{'oneOf':[{'properties':{'a':{}}},{'properties':{'b':{}}}]}",
                "{'type':7}",
                "{'anyOf':7}",
                "{'type':'integer','minimum':5,'maximum':4}",
                "{'type':'string','minLength':3,'pattern':'^a$'}",
                "{'type':'object','properties':{'v':{'$ref':'#'}},'required':['v']}"
            })
    void refusesByNameWhatItCannotGuarantee(String schema) {
        assertThatThrownBy(() -> schema(schema)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aHostileSchemaIsRefusedBeforeItEatsTheMemory() {
        StringBuilder deep = new StringBuilder("{'type':'string','minLength':1000}");
        for (int i = 0; i < 4; i++) {
            deep.insert(0, "{'type':'array','minItems':1000,'items':").append('}');
        }
        assertThatThrownBy(() -> schema(deep.toString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too complex");
        for (String expression : java.util.List.of("((a{999}){999}){999}", "a{99999999999}")) {
            assertThatThrownBy(() -> OutputGrammar.regex(expression))
                    .as(expression)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("too complex");
        }
    }

    /** Walks at random; every way that ends is JSON by a strict reader. */
    @Test
    void everyTextOfTheGrammarOfObjectsIsAnObject() throws IOException {
        OutputGrammar grammar = OutputGrammar.jsonObject();
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] text = walk(grammar, random, 200);
            JsonReader reader =
                    new JsonReader(new StringReader(new String(text, StandardCharsets.UTF_8)));
            reader.setStrictness(Strictness.STRICT);
            assertThat(reader.peek()).isEqualTo(JsonToken.BEGIN_OBJECT);
            reader.skipValue();
            assertThat(reader.peek()).isEqualTo(JsonToken.END_DOCUMENT);
        }
    }

    /** As the constraint does it: freely at first, then only nearer to the end. */
    private static byte[] walk(OutputGrammar grammar, Random random, int limit) {
        java.io.ByteArrayOutputStream text = new java.io.ByteArrayOutputStream();
        int state = grammar.start();
        while (!grammar.isEnd(state)) {
            int value = random.nextInt(256);
            int next = grammar.step(state, value);
            if (next >= 0 && grammar.bytesToEnd(next) <= limit - text.size() - 1) {
                text.write(value);
                state = next;
            }
        }
        return text.toByteArray();
    }

    @Test
    void aRegularExpressionIsTheWholeAnswer() {
        OutputGrammar grammar = OutputGrammar.regex("(yes|no)[.!]?");
        assertThat(accepts(grammar, "yes!")).isTrue();
        assertThat(accepts(grammar, "oh yes")).isFalse();
        assertThatThrownBy(() -> OutputGrammar.regex("(a"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
