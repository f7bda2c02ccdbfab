package io.djlnpu.generate;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.ImageEncoder;
import io.djlnpu.vision.ImageSettings;
import io.djlnpu.vision.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * From words, and pictures for a model that sees, to prompts. The vision tower is opened with the
 * first picture. Safe for many threads.
 */
public final class PromptTokenizer {

    private final DecoderModel model;
    private final Path folder;
    private final Tokenizer tokenizer;
    private VisionPrompts vision;

    /**
     * Makes the prompts of a model.
     *
     * @param model the model
     * @param folder its folder, with the settings for pictures
     * @param tokenizer its tokenizer
     */
    public PromptTokenizer(DecoderModel model, Path folder, Tokenizer tokenizer) {
        this.model = model;
        this.folder = folder;
        this.tokenizer = tokenizer;
    }

    /**
     * Prepares a picture for this model. It is encoded when a prompt with it is first computed, and
     * only once.
     *
     * @param image any size
     * @param panAndScan whether a long picture is cut into crops as well; the model's own settings
     *     may ask for that too
     * @return the picture
     * @throws IllegalArgumentException if the model does not see
     * @throws IOException if the model's vision weights, settings or tokenizer cannot be used
     */
    public Picture picture(RgbImage image, boolean panAndScan) throws IOException {
        return vision().picture(image, panAndScan);
    }

    private synchronized VisionPrompts vision() throws IOException {
        if (vision == null) {
            ImageEncoder encoder =
                    model.imageEncoder()
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    folder
                                                            + ": this model does not see; ask without a picture, or convert"
                                                            + " an export that has a vision encoder"));
            ImageSettings settings = ImageSettings.read(folder, encoder.imageSize());
            vision = new VisionPrompts(tokenizer, encoder, settings);
        }
        return vision;
    }

    /**
     * Turns words and pictures into a prompt.
     *
     * @param text with {@link VisionPrompts#PLACE} for each picture; {@code <bos>} is put before it
     *     unless it begins so
     * @param pictures in the order of their places
     * @return the prompt
     * @throws IllegalArgumentException if the text is too long for the context, or the model sees
     *     and there are not as many places as pictures
     */
    public PromptTokens tokenize(String text, List<Picture> pictures) {
        if (tokenizer.exceeds(text, model.maxContext())) {
            throw new IllegalArgumentException(
                    "a prompt of %d characters, more than the context of %d tokens can hold; shorten it"
                            .formatted(text.length(), model.maxContext()));
        }
        if (!pictures.isEmpty()) {
            return opened().tokenize(text, pictures);
        }
        if (model.config().vision().isPresent()) {
            VisionPrompts.split(text, 0);
        }
        return PromptTokens.of(tokenizer.encode(text, true));
    }

    private synchronized VisionPrompts opened() {
        if (vision == null) {
            throw new IllegalArgumentException("pictures that were prepared for another model");
        }
        return vision;
    }
}
