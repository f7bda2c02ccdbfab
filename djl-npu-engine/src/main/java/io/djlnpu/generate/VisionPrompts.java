package io.djlnpu.generate;

import io.djlnpu.decoder.ImageEncoder;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.generate.PromptTokens.Placed;
import io.djlnpu.vision.ImagePreprocessor;
import io.djlnpu.vision.ImageSettings;
import io.djlnpu.vision.PanAndScan;
import io.djlnpu.vision.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Puts pictures into the prompts of a model that sees. A text holds {@value #PLACE} where a picture
 * goes; each becomes the exact tokens that Hugging Face's {@code Gemma3Processor} writes: two line
 * feeds, begin, the soft tokens, end, two line feeds. Safe for many threads.
 */
public final class VisionPrompts {

    /** Where a picture goes in a text; chat templates write it for a picture in a message. */
    public static final String PLACE = "<start_of_image>";

    private static final String SOFT_TOKEN = "<image_soft_token>";
    private static final String END = "<end_of_image>";

    private final Tokenizer tokenizer;
    private final ImageEncoder encoder;
    private final ImagePreprocessor preprocessor;
    private final int softToken;
    private final String block;

    /**
     * Gives a model's prompts pictures.
     *
     * @param tokenizer the model's tokenizer
     * @param encoder the model's encoder
     * @param settings how the model wants its pictures
     * @throws ModelFormatException if the tokenizer does not know the tokens around an image
     * @throws IllegalArgumentException if encoder and settings do not agree on the size
     */
    public VisionPrompts(Tokenizer tokenizer, ImageEncoder encoder, ImageSettings settings)
            throws ModelFormatException {
        if (settings.size() != encoder.imageSize()) {
            throw new IllegalArgumentException(
                    "pictures of %d pixels for an encoder of %d"
                            .formatted(settings.size(), encoder.imageSize()));
        }
        this.tokenizer = tokenizer;
        this.encoder = encoder;
        preprocessor = new ImagePreprocessor(settings);
        for (String token : List.of(PLACE, SOFT_TOKEN, END)) {
            if (tokenizer.encode(token, false).length != 1) {
                throw new ModelFormatException(
                        Code.UNSUPPORTED_MODEL,
                        "%s: no token '%s', which a model that sees has; copy the model's own"
                                .formatted(Tokenizer.FILE, token));
            }
        }
        softToken = tokenizer.encode(SOFT_TOKEN, false)[0];
        block = "\n\n" + PLACE + SOFT_TOKEN.repeat(encoder.tokens()) + END + "\n\n";
    }

    /**
     * Prepares a picture.
     *
     * @param image any size
     * @param panAndScan whether a long picture is cut into crops even if the model's settings do
     *     not ask for it
     * @return what prompts take; may be used in many of them, and is encoded once
     */
    public Picture picture(RgbImage image, boolean panAndScan) {
        ImageSettings settings = preprocessor.settings();
        PanAndScan cuts = settings.panAndScan();
        if (panAndScan) {
            cuts = new PanAndScan(true, cuts.minCropSize(), cuts.maxCrops(), cuts.minRatio());
        }
        return new Picture(
                new ImagePreprocessor(settings.with(cuts))
                        .views(image).stream()
                                .map(pixels -> new PromptImage(encoder, pixels))
                                .toList());
    }

    /**
     * Turns words and pictures into tokens.
     *
     * @param text with {@value #PLACE} for each picture
     * @param pictures in the order of their places
     * @return the prompt, {@code <bos>} included
     * @throws IllegalArgumentException if there are not as many places as pictures
     */
    public PromptTokens tokenize(String text, List<Picture> pictures) {
        List<String> words = split(text, pictures.size());
        StringBuilder prompt = new StringBuilder(words.getFirst());
        List<PromptImage> images = new ArrayList<>();
        for (int i = 0; i < pictures.size(); i++) {
            Picture picture = pictures.get(i);
            prompt.append(show(picture.views().size() - 1)).append(words.get(i + 1));
            images.addAll(picture.views());
        }
        return place(tokenizer.encode(prompt.toString(), true), images);
    }

    /** The words before, between and behind the places of pictures. */
    static List<String> split(String text, int pictures) {
        List<String> words = List.of(text.split(PLACE, -1));
        if (words.size() - 1 != pictures) {
            throw new IllegalArgumentException(
                    "the prompt has %s %d times, and %d pictures came with it; write it once for each picture, or send a chat message with its pictures"
                            .formatted(PLACE, words.size() - 1, pictures));
        }
        return words;
    }

    /** The tokens of a picture; with crops, the sentence that the family is trained on. */
    private String show(int crops) {
        return crops == 0
                ? block
                : "Here is the original image "
                        + block
                        + " and here are some crops to help you see better "
                        + String.join(" ", Collections.nCopies(crops, block));
    }

    private PromptTokens place(int[] ids, List<PromptImage> images) {
        List<Placed> placed = new ArrayList<>();
        int at = 0;
        for (PromptImage image : images) {
            while (ids[at] != softToken) {
                at++;
            }
            placed.add(new Placed(at, image));
            at += image.tokens();
        }
        long soft = Arrays.stream(ids).filter(id -> id == softToken).count();
        if (soft != (long) images.size() * encoder.tokens()) {
            throw new IllegalArgumentException(
                    "the prompt's own words hold %s, which stands for a part of a picture; leave it out"
                            .formatted(SOFT_TOKEN));
        }
        return new PromptTokens(ids, placed);
    }
}
