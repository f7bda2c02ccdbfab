package io.djlnpu.generate;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.djlnpu.bundle.AttentionLayout;
import io.djlnpu.bundle.AttentionSpec;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderSizes;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.DecoderWeights;
import io.djlnpu.bundle.GateActivation;
import io.djlnpu.bundle.LayerStyle;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.bundle.RopeScaling;
import io.djlnpu.bundle.RopeSpec;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.TokenIds;
import io.djlnpu.bundle.Visibility;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A Gemma 3 with random weights, a window of 16 tokens, and a tokenizer that knows bytes and a few
 * words: small enough to be made anew in each test, and as talkative as a broken one.
 */
public final class TinyModel implements AutoCloseable {

    static final int VOCAB = 320;
    static final int WORDS = 262;

    final ModelBundle bundle;
    final DecoderModel model;
    final Tokenizer tokenizer;

    TinyModel(Path folder, int threads) throws IOException {
        Path target = folder.resolve("tiny-" + threads);
        BundleWriter.write(new RandomWeights(), target, BundleOptions.defaults());
        writeTokenizer(target);
        bundle = ModelBundle.open(target);
        model =
                DecoderModel.load(
                        bundle, DecoderOptions.defaults().withThreads(threads).withPrefillChunk(8));
        tokenizer = Tokenizer.open(target);
    }

    /** Specials 0 to 5, bytes 6 to 261, then words, and the three tokens of images as the last. */
    public static void writeTokenizer(Path folder) throws IOException {
        JsonObject vocab = new JsonObject();
        JsonArray added = new JsonArray();
        addSpecials(
                vocab,
                added,
                List.of("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"));
        for (int i = 0; i < 256; i++) {
            vocab.addProperty("<0x%02X>".formatted(i), vocab.size());
        }
        List<String> images = List.of("<start_of_image>", "<image_soft_token>", "<end_of_image>");
        for (int i = 0; vocab.size() < VOCAB - images.size(); i++) {
            vocab.addProperty(i < 26 ? "" + (char) ('a' + i) : "▁w" + i, vocab.size());
        }
        addSpecials(vocab, added, images);
        String json =
                """
                {"version": "1.0", "truncation": {"max_length": 8, "strategy": "LongestFirst",
                "stride": 0, "direction": "Right"}, "padding": null, "added_tokens": %s,
                "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
                "pre_tokenizer": null, "post_processor": null, "decoder": {"type": "Sequence",
                "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"}, {"type": "Fuse"}]}, "model": {"type": "BPE",
                "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true, "vocab": %s,
                "merges": []}}
                """
                        .formatted(added, vocab);
        Files.writeString(folder.resolve(Tokenizer.FILE), json);
    }

    private static void addSpecials(JsonObject vocab, JsonArray added, List<String> specials) {
        for (String special : specials) {
            JsonObject token = new JsonObject();
            token.addProperty("id", vocab.size());
            token.addProperty("content", special);
            for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
                token.addProperty(flag, false);
            }
            token.addProperty("special", true);
            added.add(token);
            vocab.addProperty(special, vocab.size());
        }
    }

    @Override
    public void close() {
        tokenizer.close();
        model.close();
        bundle.close();
    }

    public static final class RandomWeights implements DecoderWeights {

        private static final DecoderSpec CONFIG =
                new DecoderSpec(
                        "gemma3",
                        new DecoderSizes(64, 3, 2, 1, 32, 96, VOCAB, 300),
                        new LayerStyle(
                                NormPlacement.AROUND,
                                true,
                                GateActivation.GELU_TANH,
                                1e-6f,
                                32,
                                true),
                        new AttentionLayout(
                                new AttentionSpec(RopeSpec.of(1e4), Visibility.window(16)),
                                new AttentionSpec(
                                        new RopeSpec(1e6, RopeScaling.linear(1)),
                                        Visibility.CAUSAL),
                                List.of(true, true, false)),
                        new TokenIds(2, 0, List.of(1)),
                        Optional.empty(),
                        Optional.empty());

        @Override
        public DecoderSpec config() {
            return CONFIG;
        }

        @Override
        public Set<String> names() {
            return TensorLayout.text(CONFIG).stream()
                    .map(TensorLayout::name)
                    .collect(Collectors.toSet());
        }

        @Override
        public WeightMatrix matrix(String name) {
            TensorLayout layout = TensorLayout.find(CONFIG, name).orElseThrow();
            return new WeightMatrix() {
                @Override
                public int rows() {
                    return layout.rows();
                }

                @Override
                public int columns() {
                    return layout.columns();
                }

                @Override
                public void readRows(int firstRow, int rowCount, float[] destination) {
                    for (int row = 0; row < rowCount; row++) {
                        Random random = new Random(31L * name.hashCode() + firstRow + row);
                        for (int column = 0; column < columns(); column++) {
                            destination[row * columns() + column] =
                                    0.2f * (float) random.nextGaussian();
                        }
                    }
                }
            };
        }

        @Override
        public float[] vector(String name) {
            float[] values = new float[TensorLayout.find(CONFIG, name).orElseThrow().columns()];
            Random random = new Random(name.hashCode());
            for (int i = 0; i < values.length; i++) {
                values[i] = 1 + 0.1f * random.nextFloat();
            }
            return values;
        }
    }
}
