package io.djlnpu.bundle;

import com.google.gson.JsonObject;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A kind of decoder: how its {@code config.json} becomes a {@link DecoderSpec} and a spec a {@code
 * config.json}, what its norms are called, and how it is told from others.
 *
 * <p>A family that is run implements all of it in one file; one that is only priced is an entry of
 * {@link Families}.
 */
public abstract class Family {

    private final String name;
    private final String title;

    Family(String name, String title) {
        this.name = name;
        this.title = title;
    }

    /**
     * Reads a {@code config.json} of a model to be run. One without a {@code model_type} is taken
     * for a Gemma 3.
     *
     * @param file the file
     * @return the specification
     * @throws IOException if it is unreadable, of a family that is unknown or only priced, or asks
     *     for something that a spec cannot hold; then all of it is named
     */
    public static DecoderSpec read(Path file) throws IOException {
        return parse(file.toString(), JsonFiles.read(file));
    }

    /**
     * Reads a configuration of a model to be run that is parsed already.
     *
     * @param origin what to call it in errors
     * @param json the whole file
     * @return the specification
     * @throws ModelFormatException as {@link #read(Path)} does
     */
    public static DecoderSpec parse(String origin, JsonObject json) throws ModelFormatException {
        ConfigReader top = new ConfigReader(origin, json);
        Family family = Families.ofConfig(top, Families.GEMMA3);
        if (!family.isRun()) {
            throw top.error(
                    Code.UNSUPPORTED_MODEL,
                    "model_type is '%s', which is only priced; what is run: %s"
                            .formatted(family.name, Families.names(Family::isRun)));
        }
        List<String> departures = new ArrayList<>();
        family.departures(ConfigKeys.text(top), departures);
        if (!departures.isEmpty()) {
            throw top.error(Code.UNSUPPORTED_MODEL, String.join("; ", departures));
        }
        return family.spec(top);
    }

    /**
     * Reads a {@code config.json} of a model to be priced. One without a {@code model_type} is
     * taken for a plain decoder, normalised before attention and MLP.
     *
     * @param file the file
     * @return the specification; of a family that is not run some values are only assumed, none of
     *     them one that a price depends on
     * @throws IOException if it is unreadable, of an unknown family, or no dense decoder with
     *     grouped queries and a gated MLP
     */
    public static DecoderSpec priced(Path file) throws IOException {
        ConfigReader top = new ConfigReader(file.toString(), JsonFiles.read(file));
        Family family = Families.ofConfig(top, Families.PLAIN);
        DenseCheck.check(ConfigKeys.text(top));
        return family.spec(top);
    }

    /**
     * Finds a family by its name.
     *
     * @param name as in {@link DecoderSpec#family}
     * @return the family
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Family named(String name) {
        return Families.named(name);
    }

    /**
     * Finds the family that is run whose layers are of a style, whatever its epsilon and scalar.
     *
     * @param style what a graph shows
     * @param embedding whether there is no output head
     * @return the family
     */
    public static Optional<Family> ofStyle(LayerStyle style, boolean embedding) {
        return Families.run().stream()
                .filter(family -> family.isCausal() != embedding && family.hasStyle(style))
                .findFirst();
    }

    /**
     * Names the families that are run.
     *
     * @return their names, for messages
     */
    public static String runNames() {
        return Families.names(Family::isRun);
    }

    /** Tells whether layers are of this family's style, whatever their numbers. */
    boolean hasStyle(LayerStyle other) {
        LayerStyle own = style(other.rmsNormEpsilon(), other.queryPreAttentionScalar());
        return own.equals(other);
    }

    /**
     * Renders a bundle's {@code config.json}: Hugging Face's keys, which FastFlowLM reads, and what
     * else it takes to read it back.
     *
     * @param spec the specification
     * @param tied whether the head is the table; FastFlowLM reads either from the weights
     * @return JSON text that {@link #read} turns into an equal specification
     */
    public static String write(DecoderSpec spec, boolean tied) {
        Map<String, Object> json = new LinkedHashMap<>();
        named(spec.family()).write(spec, tied, json);
        return ConfigKeys.render(json);
    }

    /**
     * Returns the name in {@link DecoderSpec#family}.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Returns what people call it.
     *
     * @return a title for messages
     */
    public String title() {
        return title;
    }

    /**
     * Tells whether its models are run; else they are only priced.
     *
     * @return true for a family that is run
     */
    public boolean isRun() {
        return true;
    }

    /**
     * Returns what is added to a norm's weight in a checkpoint of Hugging Face's to get what
     * normalised values are multiplied by.
     *
     * @return 1 or 0
     */
    public float normOffset() {
        return 0;
    }

    /**
     * Returns what a layer computes in a model of the family.
     *
     * @param epsilon epsilon of its norms
     * @param scalar the attention scale is its inverse square root
     * @return the style
     */
    public abstract LayerStyle style(float epsilon, double scalar);

    /**
     * Returns the name of one tensor of a layer, without the layer's prefix and {@code .weight}.
     *
     * @param tensor the role
     * @return Hugging Face's suffix
     */
    public String suffix(LayerTensor tensor) {
        // of two norms a layer the second is called after what it follows
        boolean second = tensor == LayerTensor.PRE_FEEDFORWARD_NORM;
        return second && style(1, 1).norms() == NormPlacement.BEFORE
                ? LayerTensor.POST_ATTENTION_NORM.suffix()
                : tensor.suffix();
    }

    /**
     * Tells whether queries see nothing after themselves, so that tokens can be decoded.
     *
     * @return false for an embedding model
     */
    public boolean isCausal() {
        return true;
    }

    /** Tells whether a configuration without a telling {@code model_type} is of this family. */
    abstract boolean hasArchitecture(String architecture);

    /** Tells whether a {@code model_type} names this family. */
    boolean hasModelType(String type) {
        return type.equals(name);
    }

    /** Names what the configuration asks for and a spec cannot hold. */
    abstract void departures(ConfigReader text, List<String> found) throws ModelFormatException;

    /** Reads the specification, whatever else the file asks for. */
    abstract DecoderSpec spec(ConfigReader top) throws ModelFormatException;

    /** Puts the keys of a bundle's configuration. */
    abstract void write(DecoderSpec spec, boolean tied, Map<String, Object> json);
}
