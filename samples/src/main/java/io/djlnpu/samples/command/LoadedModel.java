package io.djlnpu.samples.command;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.generate.PromptTokenizer;
import io.djlnpu.generate.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A model opened for a command: converted if it had to be, mapped, with its tokenizer on demand.
 */
final class LoadedModel implements AutoCloseable {

    private final Path source;
    private final ModelBundle bundle;
    private final DecoderModel model;
    private Tokenizer tokenizer;
    private PromptTokenizer prompts;

    /** Whether words will be asked for, so that the tokenizer is read at the right moment. */
    enum Words {
        /** Perhaps later, perhaps never. */
        LATER,
        /** Yes, if the model can. */
        IF_POSSIBLE,
        /** Yes. */
        NEEDED
    }

    private LoadedModel(Path source, ModelBundle bundle, DecoderModel model, Tokenizer tokenizer) {
        this.source = source;
        this.bundle = bundle;
        this.model = model;
        this.tokenizer = tokenizer;
    }

    static LoadedModel open(ModelOptions options, CommonOptions common, Console console)
            throws IOException {
        return open(options, common, console, Words.LATER);
    }

    static LoadedModel open(
            ModelOptions options, CommonOptions common, Console console, Words words)
            throws IOException {
        return open(options.model, options.how.with(common), console, words);
    }

    static LoadedModel open(Path path, DecoderOptions options, Console console) throws IOException {
        return open(path, options, console, Words.LATER);
    }

    /**
     * Opens the tokenizer first: what reading it leaves behind is gone before the model packs its
     * weights, so that the two do not add up to the peak of memory.
     */
    static LoadedModel open(Path path, DecoderOptions options, Console console, Words words)
            throws IOException {
        ModelBundle bundle;
        TidyExit atExit = new TidyExit();
        try (atExit;
                Progress progress = console.progressOfBytes("converting")) {
            bundle =
                    BundleCache.standard()
                            .open(path, (tensor, done, total) -> progress.update(done, total));
        }
        Tokenizer tokenizer = null;
        Progress loading = console.busy("loading");
        try (loading) {
            boolean wanted =
                    words == Words.NEEDED || words == Words.IF_POSSIBLE && hasTokenizer(bundle);
            tokenizer = wanted ? read(bundle, path) : null;
            return new LoadedModel(path, bundle, DecoderModel.load(bundle, options), tokenizer);
        } catch (IOException | RuntimeException e) {
            if (tokenizer != null) {
                tokenizer.close();
            }
            bundle.close();
            throw e;
        }
    }

    DecoderModel model() {
        return model;
    }

    Path folder() {
        return bundle.folder();
    }

    /** The tokenizer; commands that work on ids never ask for it. */
    Tokenizer tokenizer() throws IOException {
        if (tokenizer == null) {
            tokenizer = read(bundle, source);
        }
        return tokenizer;
    }

    /** Tells whether the model knows words. */
    boolean hasTokenizer() {
        return hasTokenizer(bundle);
    }

    private static boolean hasTokenizer(ModelBundle bundle) {
        return Files.isRegularFile(bundle.folder().resolve(Tokenizer.FILE));
    }

    /** A missing tokenizer is missed where the user's model lies, not in the cache. */
    private static Tokenizer read(ModelBundle bundle, Path source) throws IOException {
        if (!hasTokenizer(bundle)) {
            throw new IOException(
                    source
                            + ": no "
                            + Tokenizer.FILE
                            + " beside the model, so it knows no words; copy it there from where the"
                            + " model came from, or give token ids where the command takes them");
        }
        Tokenizer tokenizer = Tokenizer.open(bundle.folder());
        // reading a tokenizer of 33 MB leaves several times that behind, once
        System.gc();
        return tokenizer;
    }

    /** Makes prompts of words and pictures; commands that work on ids never ask for it. */
    PromptTokenizer prompts() throws IOException {
        if (prompts == null) {
            prompts = new PromptTokenizer(model, bundle.folder(), tokenizer());
        }
        return prompts;
    }

    @Override
    public void close() {
        if (tokenizer != null) {
            tokenizer.close();
        }
        model.close();
        bundle.close();
    }
}
