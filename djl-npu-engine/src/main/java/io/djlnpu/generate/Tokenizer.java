package io.djlnpu.generate;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.generate.grammar.TokenTree;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * A model's own tokenizer, from its {@value #FILE}. Never truncates and never pads. Safe for many
 * threads.
 */
public final class Tokenizer implements AutoCloseable {

    /** The file that holds vocabulary, merges and special tokens. */
    public static final String FILE = "tokenizer.json";

    private static final String BOS = "<bos>";

    /** Normalizers may compose several characters into a shorter one. */
    private static final int SHRINKING = 2;

    private final NativeTokenizer tokenizer;
    private final int longestToken;
    private final Path file;

    /** What every prompt begins with: one token, or nothing. */
    private final int[] start;

    private final String startText;
    private final Set<Integer> eos;
    private TokenTree tree;

    private Tokenizer(HuggingFaceTokenizer tokenizer, Path folder, int longestToken)
            throws IOException {
        this.tokenizer = new NativeTokenizer(tokenizer);
        this.longestToken = longestToken;
        file = folder.resolve(FILE);
        start = start();
        startText = decode(start, false);
        eos = StopTokens.read(folder, this);
    }

    /** A token {@code <bos>}, whatever the file's template says, else what the template says. */
    private int[] start() {
        int[] bos = encode(BOS);
        if (bos.length == 1) {
            return bos;
        }
        int[] bare = encode("a");
        int[] whole = encodeWhole("a");
        int at = 0;
        while (bare.length > 0 && at + bare.length < whole.length && whole[at] != bare[0]) {
            at++;
        }
        return Arrays.copyOf(whole, at);
    }

    private int[] encode(String text) {
        return ints(text, tokenizer.encode(text, false));
    }

    /**
     * Turns text into tokens with all that the file's template puts around it, as models for
     * embeddings expect it.
     *
     * @param text any text
     * @return the ids
     */
    public int[] encodeWhole(String text) {
        return ints(text, tokenizer.encode(text, true));
    }

    private int[] ints(String text, long[] ids) {
        int[] result = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "%s: token id %d at the prompt's '%s'"
                                .formatted(
                                        file,
                                        ids[i],
                                        text.substring(0, Math.min(20, text.length()))));
            }
            result[i] = (int) ids[i];
        }
        return result;
    }

    /**
     * Opens a model's tokenizer.
     *
     * @param modelFolder the folder that holds {@value #FILE}
     * @return the tokenizer, the caller's to close
     * @throws IOException if the file is missing or is no tokenizer
     */
    public static Tokenizer open(Path modelFolder) throws IOException {
        Path file = modelFolder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new ModelFormatException(
                    Code.MISSING_FILE,
                    file
                            + ": no such file; a prompt in words needs the model's tokenizer: copy "
                            + FILE
                            + " from where the model came from into this folder, or pass token"
                            + " ids");
        }
        TokenizerFile checked = TokenizerFile.read(file);
        HuggingFaceTokenizer tokenizer;
        try {
            tokenizer =
                    HuggingFaceTokenizer.newInstance(
                            new ByteArrayInputStream(checked.json()),
                            Map.of("truncation", "false", "padding", "false"));
        } catch (RuntimeException e) {
            throw new ModelFormatException(
                    Code.MALFORMED,
                    file + ": not a tokenizer (" + e.getMessage() + "); copy it again",
                    e);
        }
        try {
            return new Tokenizer(tokenizer, modelFolder, checked.longestToken());
        } catch (IOException | RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /**
     * Turns text into tokens. Names of special tokens in the text, such as {@code <start_of_turn>},
     * become those tokens.
     *
     * @param text any text
     * @param addBos whether the ids begin with the token that the model's prompts begin with, if it
     *     has one; text that begins with it is not given another one
     * @return the ids
     * @throws IllegalArgumentException if the tokenizer fails at the text, or takes too long
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public int[] encode(String text, boolean addBos) {
        int[] ids = encode(text);
        if (!addBos || start.length == 0 || text.startsWith(startText)) {
            return ids;
        }
        int[] result = Arrays.copyOf(start, start.length + ids.length);
        System.arraycopy(ids, 0, result, start.length, ids.length);
        return result;
    }

    /**
     * Tells before anything is tokenized whether a text is too long for a number of tokens, however
     * it is cut.
     *
     * @param text any text
     * @param tokens how many there may be
     * @return true if no tokens that few can stand for it
     */
    boolean exceeds(String text, int tokens) {
        return text.length() > (long) longestToken * SHRINKING * Math.max(1, tokens);
    }

    /**
     * Turns tokens into text.
     *
     * @param ids token ids
     * @param skipSpecial whether special tokens are left out
     * @return the text; bytes that are no UTF-8 become U+FFFD
     */
    public String decode(int[] ids, boolean skipSpecial) {
        return ids.length == 0
                ? ""
                : tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecial);
    }

    /**
     * Returns the tokens that end an answer.
     *
     * @return ids
     */
    public Set<Integer> eos() {
        return eos;
    }

    /**
     * Returns the vocabulary by its bytes, for answers that keep to a form. Read at the first call.
     *
     * @return one for all callers
     * @throws UncheckedIOException if the file cannot be read any more
     */
    public synchronized TokenTree tree() {
        if (tree == null) {
            try {
                tree = new TokenTree(TokenBytes.read(file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return tree;
    }

    /** Frees the native tokenizer. */
    @Override
    public void close() {
        tokenizer.close();
    }
}
