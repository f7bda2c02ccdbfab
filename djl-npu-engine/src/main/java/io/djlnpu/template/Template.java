package io.djlnpu.template;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.template.Statement.Block;
import io.djlnpu.template.TemplateException.Kind;
import io.djlnpu.template.Token.Type;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A chat template, read once and rendered often. Safe for many threads.
 *
 * <p>Follows Jinja2 3.1 as transformers sets it up: {@code trim_blocks}, {@code lstrip_blocks}, the
 * immutable sandbox, the tags {@code break}, {@code continue} and {@code generation}, its own
 * {@code tojson}, {@code raise_exception} and {@code strftime_now}. Tags for other templates
 * ({@code include}, {@code import}, {@code extends}, {@code block}) and the filters {@code pprint},
 * {@code random}, {@code striptags}, {@code urlize} and {@code wordwrap} are refused.
 */
public final class Template {

    private final Block root;
    private final Set<String> words;

    private Template(Block root, Set<String> words) {
        this.root = root;
        this.words = words;
    }

    /**
     * Reads a template.
     *
     * @param source its text
     * @return the template
     * @throws TemplateException if it is none, or uses what is not offered here; names the line
     */
    public static Template parse(String source) {
        try {
            List<Token> tokens = Lexer.read(source);
            Set<String> words =
                    tokens.stream()
                            .filter(t -> t.type() == Type.NAME || t.type() == Type.STRING)
                            .map(Token::text)
                            .collect(Collectors.toUnmodifiableSet());
            return new Template(Parser.parse(tokens), words);
        } catch (StackOverflowError e) {
            throw new TemplateException(Kind.LIMIT, 0, "the template is nested too deeply");
        }
    }

    /**
     * Tells whether the template has a place for something.
     *
     * @param word a variable, an attribute, or a text that it compares with, such as a role
     * @return whether the word stands anywhere in its tags, as a name or as a whole string
     */
    public boolean mentions(String word) {
        return words.contains(word);
    }

    /**
     * Renders the template.
     *
     * @param variables what it sees, by name
     * @return the text
     * @throws TemplateException if the template refuses, cannot be run, takes more than {@link
     *     Limits#PROMPT} and its values allow, or the thread is interrupted
     */
    public String render(JsonObject variables) {
        long characters = Json.characters(variables);
        return render(variables, Limits.PROMPT.with(characters), Clock.systemDefaultZone());
    }

    /**
     * Renders the template.
     *
     * @param variables what it sees, by name
     * @param limits what it may take
     * @param clock what {@code strftime_now} tells
     * @return the text
     * @throws TemplateException if the template refuses, cannot be run, takes more than the limits,
     *     or the thread is interrupted
     */
    public String render(JsonObject variables, Limits limits, Clock clock) {
        Budget budget = new Budget(limits);
        try {
            Map<String, Value> given = new HashMap<>(Globals.all(budget, clock));
            for (Map.Entry<String, JsonElement> entry : variables.entrySet()) {
                given.put(entry.getKey(), Json.value(entry.getValue()));
            }
            return new Interpreter(budget).render(root, given);
        } catch (StackOverflowError e) {
            throw budget.tooDeep();
        }
    }
}
