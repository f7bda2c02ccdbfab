package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.translate.NpuTranslatorFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that is loaded again knows its earlier prompts, and answers as if it did not. */
class KeptPromptsIT {

    @TempDir Path folder;

    @BeforeEach
    void useCache() {
        System.setProperty("DJL_CACHE_DIR", folder.resolve("cache").toString());
    }

    @AfterEach
    void leaveCache() {
        System.clearProperty("DJL_CACHE_DIR");
    }

    private static String answer(String prompt, String file) throws Exception {
        Criteria.Builder<String, String> criteria =
                Criteria.builder()
                        .setTypes(String.class, String.class)
                        .optModelPath(ShippedModel.folder())
                        .optEngine("NPU")
                        .optTranslatorFactory(new NpuTranslatorFactory())
                        .optArgument("maxNewTokens", 16);
        if (file != null) {
            criteria.optOption("promptCacheFile", file);
        }
        try (ZooModel<String, String> model = criteria.build().loadModel();
                Predictor<String, String> predictor = model.newPredictor()) {
            return predictor.predict(prompt);
        }
    }

    @Test
    void promptsAreKeptOverARestart() throws Exception {
        Path file = folder.resolve("prompts.safetensors");
        String first = "Once upon a time there was a small fox who lived in the forest";
        String second = first + " and had a friend";
        answer(first, file.toString());
        long kept = tokens(file);
        assertThat(answer(second, file.toString())).isEqualTo(answer(second, null));
        assertThat(tokens(file)).as("the longer prompt took the place").isGreaterThan(kept);
    }

    @Test
    void aDamagedFileCostsTimeOnly() throws Exception {
        Path file = folder.resolve("prompts.safetensors");
        answer("The fox", file.toString());
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertThat(answer("Once upon a time", file.toString()))
                .isEqualTo(answer("Once upon a time", null));
        assertThat(tokens(file)).isPositive();
    }

    private static long tokens(Path file) throws Exception {
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            assertThat(saved.tensors()).hasSize(5);
            return saved.tensor("0.tokens").shape().getFirst();
        }
    }
}
