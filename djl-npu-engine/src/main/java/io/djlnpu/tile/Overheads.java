package io.djlnpu.tile;

import io.djlnpu.tile.Quantity.Confidence;

/**
 * Time that no kernel's work explains. These are the model's only fitted constants of time.
 *
 * @param decodeBarrier seconds of a decoded token for each norm of the residual stream: there the
 *     whole array waits for one vector, and the next commands are dispatched
 * @param prefillLayer seconds of a layer once per prompt: reconfiguration between its programs
 * @param prefillRow seconds of a token and layer in prefill beyond its kernels: hand-over of rows
 *     between programs
 * @param paddedRow seconds of a token and layer in prefill where the width is no multiple of a
 *     block's 256 columns: rows are laid out anew for each product
 */
public record Overheads(
        Quantity decodeBarrier, Quantity prefillLayer, Quantity prefillRow, Quantity paddedRow) {

    /** As the paper's machine shows them. */
    static final Overheads XDNA2 =
            new Overheads(
                    new Quantity(
                            0.1090e-3, Confidence.FITTED, "paper: decode of the 1B at 1k tokens"),
                    new Quantity(16.55e-3, Confidence.FITTED, "paper: first token of the 1B at 1k"),
                    new Quantity(4.33e-6, Confidence.FITTED, "paper: first token of the 4B at 32k"),
                    new Quantity(
                            5.72e-6, Confidence.FITTED, "paper: first token of the 1B at 32k"));

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is missing or not positive
     */
    public Overheads {
        Positive.require("decodeBarrier", decodeBarrier);
        Positive.require("prefillLayer", prefillLayer);
        Positive.require("prefillRow", prefillRow);
        Positive.require("paddedRow", paddedRow);
    }
}
