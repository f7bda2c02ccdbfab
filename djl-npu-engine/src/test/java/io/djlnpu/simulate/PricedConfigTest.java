package io.djlnpu.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.LayerStyle;
import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.tile.NpuDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PricedConfigTest {

    private static final String SIZES =
            "'hidden_size':2048,'num_hidden_layers':16,'num_attention_heads':32,"
                    + "'intermediate_size':8192,'vocab_size':128256";

    @TempDir private Path folder;

    private DecoderSpec read(String json) throws IOException {
        Path file = folder.resolve("config.json");
        Files.writeString(file, json.replace('\'', '"'));
        return Family.priced(file);
    }

    private int local(String json) throws IOException {
        return Simulation.localLayers(read(json));
    }

    @Test
    void readsALlama() throws IOException {
        DecoderSpec shape = read("{'model_type':'llama'," + SIZES + ",'num_key_value_heads':8}");
        assertThat(shape.headDim()).isEqualTo(64);
        assertThat(Simulation.localLayers(shape)).isZero();
        assertThat(shape.style().norms()).isEqualTo(NormPlacement.BEFORE);
        // published: 64.5 tokens a second at 1k on this very device
        assertThat(Simulation.decode(shape, NpuDevice.KRACKAN, 1024).tokensPerSecond())
                .isBetween(55.0, 75.0);
    }

    @Test
    void readsWhatFamiliesLeaveOutOrNull() throws IOException {
        DecoderSpec qwen =
                read(
                        "{'model_type':'qwen3',"
                                + SIZES
                                + ",'num_key_value_heads':8,'head_dim':128,'sliding_window':null,"
                                + "'tie_word_embeddings':false,'rope_scaling':null}");
        assertThat(qwen.headDim()).isEqualTo(128);
        assertThat(qwen.style().headNorms()).isTrue();
        assertThat(read("{'head_dim':null," + SIZES + "}").kvHeads()).isEqualTo(32);
        assertThat(read("{'text_config':{" + SIZES + "}}").layers()).isEqualTo(16);
    }

    @Test
    void countsTheLayersThatSeeAWindow() throws IOException {
        String window = ",'sliding_window':4096";
        assertThat(local("{'model_type':'mistral'," + SIZES + window + "}")).isEqualTo(16);
        assertThat(local("{'model_type':'gemma2'," + SIZES + window + "}")).isEqualTo(8);
        assertThat(local("{" + SIZES + window + ",'sliding_window_pattern':4}")).isEqualTo(12);
        assertThat(local("{" + SIZES + window + ",'use_sliding_window':false}")).isZero();
        assertThat(
                        local(
                                "{"
                                        + SIZES.replace(":16,", ":3,")
                                        + window
                                        + ",'layer_types':['sliding_attention',"
                                        + "'full_attention','sliding_attention']}"))
                .isEqualTo(2);
    }

    /** A family's layers are known to be what is priced, or it has no price. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ernie4_5_moe",
                "phi",
                "gpt_neox",
                "starcoder2",
                "bert",
                "minicpm3",
                "jamba",
                "deepseek_v3",
                "gemma3n_text"
            })
    void refusesAFamilyThatItDoesNotKnow(String family) {
        assertThatThrownBy(() -> read("{'model_type':'" + family + "'," + SIZES + "}"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("'" + family + "'")
                .hasMessageContaining("mistral, olmo2, phi3");
    }

    @ParameterizedTest
    @CsvSource({
        "llama,BEFORE,false",
        "phi3,BEFORE,false",
        "granite,BEFORE,false",
        "smollm3,BEFORE,false",
        "qwen3,BEFORE,true",
        "olmo2,AFTER,true",
        "gemma2,AROUND,false",
        "glm4,AROUND,false"
    })
    void knowsTheNormsOfAFamily(String family, NormPlacement norms, boolean heads)
            throws IOException {
        LayerStyle style = read("{'model_type':'" + family + "'," + SIZES + "}").style();
        assertThat(style.norms()).isEqualTo(norms);
        assertThat(style.headNorms()).isEqualTo(heads);
    }

    @Test
    void saysWhichNumberIsNone() {
        assertThatThrownBy(() -> read("{" + SIZES.replace(":16,", ":16.9,") + "}"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("'num_hidden_layers': found 16.9");
        assertThatThrownBy(() -> read("{" + SIZES.replace(":16,", ":'16',") + "}"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("'num_hidden_layers': found \"16\"");
        String sliding = SIZES.replace(":16,", ":1,") + ",'layer_types':['sliding_attention']";
        assertThatThrownBy(() -> read("{" + sliding + "}"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("no positive 'sliding_window'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{'hidden_size':2048}",
                "{SIZES,'num_local_experts':8}",
                "{SIZES,'moe_num_experts':64}",
                "{SIZES,'n_routed_experts':64}",
                "{SIZES,'kv_lora_rank':256}",
                "{SIZES,'attn_layer_period':8,'num_experts':1}",
                "{SIZES,'layers_block_type':['mamba']}",
                "{SIZES,'ssm_cfg':{}}",
                "{SIZES,'layer_types':['sliding_attention']}",
                "{SIZES,'head_dim':'64'}",
                "{SIZES,'head_dim':64.5}",
                "{'model_type':'bert',SIZES}",
                "{'model_type':'gemma3n_text',SIZES}",
                "{'text_config':{'model_type':'jamba',SIZES}}",
                "{SIZES,'layer_types':['conv']}",
                "{SIZES,'layer_types':'full_attention'}",
                "{SIZES,'num_key_value_heads':5}",
                "{SIZES,'num_key_value_heads':-8}",
                "{SIZES,'head_dim':1e9}",
                "{SIZES,'head_dim':[1,2]}",
                "{SIZES,'vocab_size':99999999999}",
                "{SIZES,'hidden_size':0}",
                "{SIZES,'text_config':5}",
                "{SIZES,'num_hidden_layers':2147483647}"
            })
    void refusesWithTheFilesName(String json) {
        assertThatThrownBy(() -> read(json.replace("SIZES", SIZES)))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("config.json");
    }
}
