package io.djlnpu.bundle;

import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One tensor of a file to be written: what the header says about it, and where its bytes come from.
 */
record BundlePart(Declaration declaration, Payload payload) {

    /** Receives bytes in file order. */
    interface Sink {
        void write(ByteBuffer bytes) throws IOException;
    }

    /** Produces a tensor's bytes. */
    interface Payload {
        BundleReport.Tensor write(Sink sink) throws IOException;
    }
}
