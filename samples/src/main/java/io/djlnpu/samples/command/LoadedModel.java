package io.djlnpu.samples.command;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.gemma3.Gemma3Model;
import io.djlnpu.gemma3.Gemma3Options;
import io.djlnpu.generate.PromptTokenizer;
import io.djlnpu.generate.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A model opened for a command: converted if it had to be, mapped, with its tokenizer on demand.
 */
final class LoadedModel implements AutoCloseable {

    private final ModelBundle bundle;
    private final Gemma3Model model;
    private Tokenizer tokenizer;
    private PromptTokenizer prompts;

    private LoadedModel(ModelBundle bundle, Gemma3Model model, Tokenizer tokenizer) {
        this.bundle = bundle;
        this.model = model;
        this.tokenizer = tokenizer;
    }

    static LoadedModel open(ModelOptions options, CommonOptions common, Console console)
            throws IOException {
        return open(options.model, options.how.with(common), console);
    }

    /**
     * Opens the tokenizer first: what reading it leaves behind is gone before the model packs its
     * weights, so that the two do not add up to the peak of memory.
     */
    static LoadedModel openWithTokenizer(
            ModelOptions options, CommonOptions common, Console console) throws IOException {
        return open(options.model, options.how.with(common), console, true);
    }

    static LoadedModel open(Path path, Gemma3Options options, Console console) throws IOException {
        return open(path, options, console, false);
    }

    private static LoadedModel open(
            Path path, Gemma3Options options, Console console, boolean withTokenizer)
            throws IOException {
        ModelBundle bundle;
        try (Progress progress = console.progress("converting")) {
            bundle =
                    BundleCache.standard()
                            .open(path, (tensor, done, total) -> progress.update(done, total));
        }
        Tokenizer tokenizer = null;
        try {
            tokenizer = withTokenizer ? read(bundle) : null;
            return new LoadedModel(bundle, Gemma3Model.load(bundle, options), tokenizer);
        } catch (IOException | RuntimeException e) {
            if (tokenizer != null) {
                tokenizer.close();
            }
            bundle.close();
            throw e;
        }
    }

    Gemma3Model model() {
        return model;
    }

    Path folder() {
        return bundle.folder();
    }

    /** The tokenizer; commands that work on ids never ask for it. */
    Tokenizer tokenizer() throws IOException {
        if (tokenizer == null) {
            tokenizer = read(bundle);
        }
        return tokenizer;
    }

    private static Tokenizer read(ModelBundle bundle) throws IOException {
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
