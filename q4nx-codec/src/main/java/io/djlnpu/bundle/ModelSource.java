package io.djlnpu.bundle;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A model in files that a bundle can be made of: exported graphs or a checkpoint. */
public interface ModelSource extends DecoderWeights, AutoCloseable {

    /**
     * Returns the tokenizer and configuration files beside the model.
     *
     * @return existing files by name
     */
    Map<String, Path> companionFiles();

    /**
     * Returns what was corrected, contradictory or left over.
     *
     * @return sentences for people
     */
    List<String> warnings();

    /** Unmaps the files; matrices of this model must not be read any more. */
    @Override
    void close();
}
