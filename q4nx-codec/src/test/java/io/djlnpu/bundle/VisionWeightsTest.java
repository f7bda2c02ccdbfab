package io.djlnpu.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.djlnpu.bundle.VisionWeights.Layer;
import io.djlnpu.bundle.VisionWeights.LayerNorm;
import io.djlnpu.bundle.VisionWeights.Linear;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.numeric.Float16;
import io.djlnpu.q4nx.TiledMatrix;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The converter's vision file, by role, against the checkpoint that it was made from. */
class VisionWeightsTest {

    private static final String ENCODER = VisionLayout.TOWER + "encoder.layers.";

    @TempDir Path folder;

    @BeforeEach
    void lay() throws IOException {
        Files.copy(
                Fixtures.golden("micro-f32-requant/model.q4nx"),
                folder.resolve(ModelBundle.WEIGHTS_FILE));
        Files.copy(
                Fixtures.require("micro/checkpoint/config.json"),
                folder.resolve(ModelBundle.CONFIG_FILE));
    }

    @Test
    void everyRoleHoldsTheCheckpointsWeight() throws Exception {
        Files.copy(
                Fixtures.golden("micro-vision-bf16/model.q4nx"),
                folder.resolve(ModelBundle.VISION_FILE));
        try (SafetensorsCheckpoint source =
                        SafetensorsCheckpoint.open(Fixtures.require("micro/checkpoint"));
                ModelBundle bundle = ModelBundle.open(folder)) {
            VisionWeights weights = bundle.vision();
            String embeddings = VisionLayout.TOWER + "embeddings.";
            same(weights.patchWeight(), source.vector(embeddings + "patch_embedding.weight"));
            same(weights.patchBias(), source.vector(embeddings + "patch_embedding.bias"));
            same(weights.positions(), source.vector(embeddings + "position_embedding.weight"));
            same(weights.postNorm(), source, VisionLayout.TOWER + "post_layernorm");
            same(weights.projectorNorm(), source.vector(VisionLayout.PROJECTOR_NORM));
            projector(weights.projector(), source.matrix(VisionLayout.PROJECTOR));
            assertThat(weights.layers()).hasSize(bundle.config().vision().orElseThrow().layers());
            for (int i = 0; i < weights.layers().size(); i++) {
                Layer layer = weights.layers().get(i);
                same(layer.attentionNorm(), source, ENCODER + i + ".layer_norm1");
                same(layer.query(), source, ENCODER + i + ".self_attn.q_proj");
                same(layer.key(), source, ENCODER + i + ".self_attn.k_proj");
                same(layer.value(), source, ENCODER + i + ".self_attn.v_proj");
                same(layer.output(), source, ENCODER + i + ".self_attn.out_proj");
                same(layer.mlpNorm(), source, ENCODER + i + ".layer_norm2");
                same(layer.first(), source, ENCODER + i + ".mlp.fc1");
                same(layer.second(), source, ENCODER + i + ".mlp.fc2");
            }
        }
    }

    @Test
    void aBundleWithoutTheFileSaysThatItCannotSee() throws Exception {
        try (ModelBundle bundle = ModelBundle.open(folder)) {
            assertThat(bundle.hasVision()).isFalse();
            assertThatExceptionOfType(ModelFormatException.class)
                    .isThrownBy(bundle::vision)
                    .withMessageContaining(ModelBundle.VISION_FILE);
        }
    }

    private static void same(Linear found, SafetensorsCheckpoint source, String name)
            throws IOException {
        same(found.bias(), source.vector(name + ".bias"));
        TiledMatrix weight = found.weight();
        float[] values = new float[weight.rows() * weight.columns()];
        weight.readRows(0, weight.rows(), values);
        same(values, source.vector(name + ".weight"));
    }

    private static void same(LayerNorm found, SafetensorsCheckpoint source, String name)
            throws IOException {
        same(found.weight(), source.vector(name + ".weight"));
        same(found.bias(), source.vector(name + ".bias"));
    }

    private static void same(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isEqualTo(Bfloat16.round(expected[i]));
        }
    }

    private static void projector(TiledMatrix found, WeightMatrix source) throws IOException {
        float[] expected = new float[source.rows() * source.columns()];
        source.readRows(0, source.rows(), expected);
        float[] row = new float[found.columns()];
        for (int i = 0; i < found.rows(); i++) {
            found.readRows(i, 1, row);
            for (int j = 0; j < row.length; j++) {
                float half = Float16.round(expected[j * found.rows() + i]);
                assertThat(row[j]).isEqualTo(Bfloat16.round(half));
            }
        }
    }
}
