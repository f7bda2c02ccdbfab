package io.djlnpu.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.testing.Fixtures;
import io.djlnpu.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FamilyTest {

    private static final String SIZES =
            "\"hidden_size\": 64, \"num_hidden_layers\": 2, \"num_attention_heads\": 2,"
                    + " \"num_key_value_heads\": 1, \"intermediate_size\": 96, \"vocab_size\": 64";

    /** The hub's files of the large sizes state little more than this. */
    @ParameterizedTest
    @CsvSource({
        "640, 18, 4, 1, 256, 2048, 262144, 512, 32768, 1, 256",
        "1152, 26, 4, 1, 256, 6912, 262144, 512, 32768, 1, 256",
        "2560, 34, 8, 4, 256, 10240, 262208, 1024, 131072, 8, 256",
        "3840, 48, 16, 8, 256, 15360, 262208, 1024, 131072, 8, 256",
        "5376, 62, 32, 16, 128, 21504, 262208, 1024, 131072, 8, 168"
    })
    void aMinimalFileIsCompletedByItsSize(
            int hidden,
            int layers,
            int heads,
            int kvHeads,
            int headDim,
            int intermediate,
            int vocabulary,
            int window,
            int positions,
            double factor,
            double scalar)
            throws Exception {
        DecoderSpec config =
                parse(
                        """
                        {"model_type": "gemma3", "text_config": {"model_type": "gemma3_text",
                         "hidden_size": %d, "num_hidden_layers": %d}}"""
                                .formatted(hidden, layers));
        assertThat(config.heads()).isEqualTo(heads);
        assertThat(config.kvHeads()).isEqualTo(kvHeads);
        assertThat(config.headDim()).isEqualTo(headDim);
        assertThat(config.intermediateSize()).isEqualTo(intermediate);
        assertThat(config.vocabSize()).isEqualTo(vocabulary);
        assertThat(config.slidingWindow()).isEqualTo(window);
        assertThat(config.maxPositions()).isEqualTo(positions);
        assertThat(config.attention().global().rope().linearFactor()).isEqualTo(factor);
        assertThat(config.queryPreAttentionScalar()).isEqualTo(scalar);
        assertThat(config.eosTokenIds()).containsExactly(1, 106);
        assertThat(config.isLocal(4)).isTrue();
        assertThat(config.isLocal(5)).isFalse();
    }

    @Test
    void anUnknownSizeTakesTheDefaultsOfTransformers() throws Exception {
        DecoderSpec config = parse("{}");
        assertThat(config.hiddenSize()).isEqualTo(2304);
        assertThat(config.layers()).isEqualTo(26);
        assertThat(config.heads()).isEqualTo(8);
        assertThat(config.kvHeads()).isEqualTo(4);
        assertThat(config.headDim()).isEqualTo(256);
        assertThat(config.intermediateSize()).isEqualTo(9216);
        assertThat(config.slidingWindow()).isEqualTo(4096);
        assertThat(config.attention().global().rope().theta()).isEqualTo(1e6);
        assertThat(config.attention().local().rope().theta()).isEqualTo(1e4);
        assertThat(config.vision()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // 4.50 to 4.57
                "'rope_theta': 5e5, 'rope_local_base_freq': 2e4, 'rope_scaling': {'factor': 4, 'rope_type': 'linear'}",
                "'rope_theta': 5e5, 'rope_local_base_freq': 2e4, 'rope_scaling': {'factor': 4, 'type': 'linear'}",
                // 5.x
                "'rope_parameters': {'full_attention': {'rope_type': 'linear', 'factor': 4, 'rope_theta': 5e5}, 'sliding_attention': {'rope_type': 'default', 'rope_theta': 2e4}}",
                // flat, and hybrids
                "'rope_parameters': {'rope_type': 'linear', 'factor': 4, 'rope_theta': 5e5}, 'rope_local_base_freq': 2e4",
                "'rope_parameters': {'rope_type': 'linear', 'factor': 4}, 'rope_theta': 5e5, 'rope_local_base_freq': 2e4",
                "'rope_parameters': {'full_attention': {'rope_type': 'linear', 'factor': 4, 'rope_theta': 5e5}, 'sliding_attention': {'rope_theta': 2e4}}, 'rope_theta': 7, 'rope_local_base_freq': 8",
                // parameters that know no factor beside the older key, which transformers 5 writes
                // over them
                "'rope_parameters': {'rope_type': 'default', 'rope_theta': 5e5}, 'rope_local_base_freq': 2e4, 'rope_scaling': {'factor': 4, 'rope_type': 'linear'}",
                "'rope_parameters': {'full_attention': {'rope_theta': 5e5}, 'sliding_attention': {'rope_theta': 2e4}}, 'rope_scaling': {'factor': 4, 'rope_type': 'linear'}"
            })
    void everyGenerationOfRopeKeysIsRead(String keys) throws Exception {
        DecoderSpec config = parse("{" + keys.replace('\'', '"') + "}");
        assertThat(config.attention().global().rope().theta()).isEqualTo(5e5);
        assertThat(config.attention().local().rope().theta()).isEqualTo(2e4);
        assertThat(config.attention().global().rope().linearFactor()).isEqualTo(4);
    }

    @Test
    void layersComeFromTypesElseFromEitherPattern() throws Exception {
        assertThat(
                        parse(
                                        """
                                        {"num_hidden_layers": 3, "sliding_window_pattern": 2, "layer_types":
                                         ["full_attention", "sliding_attention", "full_attention"]}""")
                                .localLayers())
                .containsExactly(false, true, false);
        for (String key : List.of("sliding_window_pattern", "_sliding_window_pattern")) {
            assertThat(parse("{\"num_hidden_layers\": 4, \"" + key + "\": 2}").localLayers())
                    .containsExactly(true, false, true, false);
        }
    }

    @Test
    void oneEndTokenIsAListOfOne() throws Exception {
        assertThat(parse("{\"eos_token_id\": 7}").eosTokenIds()).containsExactly(7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mistral",
                "llama4_text",
                "gemma2",
                "gemma3n_text",
                "t5gemma",
                "qwen3_moe",
                "phi3",
                "gpt_neox"
            })
    void otherModelsAreRefused(String type) {
        assertThatThrownBy(() -> parse("{\"model_type\": \"" + type + "\"}"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(type);
    }

    /** Whether they are what they say is seen from the weights. */
    @ParameterizedTest
    @ValueSource(strings = {"gemma3", "gemma3_text", "medgemma", "shieldgemma2", ""})
    void derivativesMayHaveNamesOfTheirOwn(String type) throws Exception {
        assertThat(parse("{\"model_type\": \"" + type + "\"}").layers()).isEqualTo(26);
    }

    @ParameterizedTest
    @CsvSource({
        "Gemma3ForCausalLM,gemma3",
        "LlamaForCausalLM,llama",
        "Qwen3ForCausalLM,qwen3",
        "VaultGemmaForCausalLM,vaultgemma"
    })
    void fineTunesUnderAnotherNameAreKnownByTheirArchitecture(String architecture, String family)
            throws Exception {
        String keys = "\"model_type\": \"my-own\", \"architectures\": [\"" + architecture + "\"]";
        assertThat(parse("{" + keys + "," + SIZES + "}").family()).isEqualTo(family);
    }

    @Test
    void anUnknownFamilyIsToldWhichAreKnown() {
        assertThatThrownBy(() -> parse("{\"model_type\": \"my-own\"}"))
                .hasMessageContaining("'my-own'")
                .hasMessageContaining("embeddinggemma, gemma3, llama, qwen3, vaultgemma")
                .hasMessageContaining("only priced: gemma, gemma2");
        assertThatThrownBy(() -> parse("{\"model_type\": \"mistral\"," + SIZES + "}"))
                .hasMessageContaining("'mistral', which is only priced");
    }

    @Test
    void allThatASpecCannotHoldIsNamedAtOnce() {
        assertThatThrownBy(
                        () ->
                                parse(
                                        "{\"model_type\": \"llama\", \"attention_bias\": true,"
                                                + " \"hidden_act\": \"relu\", \"rope_scaling\":"
                                                + " {\"rope_type\": \"yarn\"},"
                                                + SIZES
                                                + "}"))
                .hasMessageContaining("attention_bias")
                .hasMessageContaining("'relu'; Llama has silu")
                .hasMessageContaining("'yarn'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen3", "embeddinggemma"})
    void otherFamiliesSurviveThereAndBack(String family) throws Exception {
        Path file = Fixtures.require("families/" + family + "/checkpoint/config.json");
        DecoderSpec spec = Family.read(file);
        assertThat(spec.family()).isEqualTo(family);
        assertThat(parse(Family.write(spec, true))).isEqualTo(spec);
    }

    @Test
    void llamaStatesItsFrequencies() throws Exception {
        DecoderSpec spec = Family.read(Fixtures.require("families/llama/checkpoint/config.json"));
        assertThat(spec.attention().global().rope())
                .isEqualTo(new RopeSpec(500_000, new RopeScaling.Llama3(8, 1, 4, 64)));
        assertThat(spec.style().norms()).isEqualTo(NormPlacement.BEFORE);
        assertThat(spec.attentionScale()).isEqualTo((float) (1 / Math.sqrt(32)));
        assertThat(TensorLayout.text(spec))
                .extracting(TensorLayout::name)
                .contains("model.layers.2.post_attention_layernorm.weight")
                .doesNotContain("model.layers.2.pre_feedforward_layernorm.weight");
    }

    @Test
    void aWindowOverBothSidesIsHalved() throws Exception {
        String keys = "\"model_type\": \"gemma3_text\", \"use_bidirectional_attention\": true";
        DecoderSpec spec = parse("{" + keys + ", \"sliding_window\": 512}");
        assertThat(spec.attention().local().visible()).isEqualTo(Visibility.around(256));
        assertThat(spec.attention().global().visible()).isEqualTo(Visibility.ALL);
        assertThat(spec.isEmbedding()).isTrue();
    }

    @Test
    void anEmbeddingHeadIsWrittenAndRead() throws Exception {
        DecoderSpec spec =
                Family.read(Fixtures.require("families/embeddinggemma/checkpoint/config.json"));
        EmbeddingHead head =
                new EmbeddingHead(
                        EmbeddingHead.Pooling.MEAN,
                        List.of(
                                new EmbeddingHead.DenseLayer(128, 512),
                                new EmbeddingHead.DenseLayer(512, 128)),
                        true,
                        Map.of("query", "task: search result | query: "));
        DecoderSpec whole = spec.withEmbedding(Optional.of(head));
        assertThat(parse(Family.write(whole, true))).isEqualTo(whole);
    }

    @Test
    void whatNoGemma3ComputesIsRefused() throws Exception {
        assertThatThrownBy(() -> parse("{\"attention_bias\": true}"))
                .hasMessageContaining("attention_bias");
        assertThatThrownBy(() -> parse("{\"hidden_activation\": \"silu\"}"))
                .hasMessageContaining("'silu'; Gemma 3 has gelu_pytorch_tanh");
        parse("{\"attention_bias\": false, \"hidden_act\": \"gelu\"}");
    }

    /** The same in every process, whatever order its maps have. */
    @Test
    void whatIsWrittenSaysWhetherTheHeadIsTheTable() {
        DecoderSpec config = new TinyModel().config();
        assertThat(Family.write(config, true))
                .containsIgnoringWhitespaces("'tie_word_embeddings': true".replace('\'', '"'))
                .containsIgnoringWhitespaces(
                        "{ 'factor': 8.0, 'rope_type': 'linear' }".replace('\'', '"'));
        assertThat(Family.write(config, false))
                .containsIgnoringWhitespaces("'tie_word_embeddings': false".replace('\'', '"'));
    }

    @Test
    void whatIsWrittenIsReadAgain() throws Exception {
        for (DecoderSpec config :
                List.of(new TinyModel().config(), new TinyModel().config().withoutVision())) {
            assertThat(parse(Family.write(config, true))).isEqualTo(config);
        }
    }

    @Test
    void realFilesSurviveThereAndBack() throws Exception {
        for (String folder : List.of("micro/checkpoint", "storyteller/mm", "storyteller/text")) {
            DecoderSpec config = Family.read(Fixtures.require(folder + "/config.json"));
            assertThat(parse(Family.write(config, true))).isEqualTo(config);
        }
    }

    private static DecoderSpec parse(String json) throws ModelFormatException {
        return Family.parse("test", JsonParser.parseString(json).getAsJsonObject());
    }
}
