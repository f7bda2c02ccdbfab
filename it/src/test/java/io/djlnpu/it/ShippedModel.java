package io.djlnpu.it;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/** The small model that ships with the samples, as files; so these tests run in a clean clone. */
final class ShippedModel {

    private ShippedModel() {}

    static Path folder() throws URISyntaxException {
        URL onnx = ShippedModel.class.getResource("/storyteller/model.onnx");
        if (onnx == null || !onnx.getProtocol().equals("file")) {
            // in a packaged build the resource lies in a jar, beside the sources it came from
            return Path.of("..", "samples", "src", "main", "resources", "storyteller");
        }
        return Path.of(onnx.toURI()).getParent();
    }
}
