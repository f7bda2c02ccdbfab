package io.djlnpu.engine;

import io.djlnpu.bundle.BundleOptions;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log how the one conversion of an ONNX model goes on, in tenths. */
final class ConversionLog implements BundleOptions.Progress {

    private static final Logger logger = LoggerFactory.getLogger(ConversionLog.class);

    private final Path model;
    private long tenths = -1;

    ConversionLog(Path model) {
        this.model = model;
    }

    @Override
    public void update(String tensor, long bytesDone, long bytesTotal) {
        long now = bytesTotal == 0 ? 10 : 10 * bytesDone / bytesTotal;
        if (now > tenths) {
            tenths = now;
            logger.info("Converting {} for the NPU: {} %", model, 10 * now);
        }
    }
}
