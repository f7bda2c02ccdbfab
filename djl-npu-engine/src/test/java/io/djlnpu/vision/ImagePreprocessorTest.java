package io.djlnpu.vision;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImagePreprocessorTest {

    /** Every picture of the reference: at most one level of 255 on any pixel, 0.05 on average. */
    @Test
    void pixelValuesAreThoseOfTheReference() throws IOException {
        Path reference = Fixtures.fixture("storyteller/reference");
        ImageSettings settings = ImageSettings.read(Fixtures.fixture("storyteller/mm"), 112);
        ImagePreprocessor preprocessor = new ImagePreprocessor(settings);
        JsonObject json =
                JsonParser.parseString(Files.readString(reference.resolve("reference.json")))
                        .getAsJsonObject();
        List<JsonElement> images = json.getAsJsonArray("images").asList();
        assertThat(images).isNotEmpty();
        try (SafetensorsFile file = SafetensorsFile.open(reference.resolve("vision.safetensors"))) {
            for (int i = 0; i < images.size(); i++) {
                String name = images.get(i).getAsJsonObject().get("file").getAsString();
                float[] pixels =
                        preprocessor.pixels(ImageLoader.standard().load(reference.resolve(name)));
                float[] expected =
                        file.segment(i + ".pixel_values").toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                assertThat(pixels).hasSameSizeAs(expected);
                double sum = 0;
                for (int p = 0; p < pixels.length; p++) {
                    double levels = Math.abs(pixels[p] - expected[p]) * 127.5;
                    assertThat(levels).as("%s, pixel %d", name, p).isLessThanOrEqualTo(1);
                    sum += levels;
                }
                assertThat(sum / pixels.length).as(name).isLessThan(0.05);
            }
        }
    }
}
