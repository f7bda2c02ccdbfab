package io.djlnpu.generate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.kernel.ProjectionWeights;
import io.djlnpu.q4nx.Q4nxInspection;
import io.djlnpu.q4nx.Q4nxTensor;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds where a model's numbers stopped being finite, by a second pass over the same tokens that
 * looks at every activation and at the scales of every matrix on the way.
 */
final class NotFinite {

    private final Set<String> inspected = new HashSet<>();
    private String last = "the embedding";
    private String found;

    private NotFinite() {}

    /** Tells whether every logit is a number. */
    static boolean allFinite(float[] logits) {
        int notFinite = 0;
        for (float logit : logits) {
            notFinite |= Math.abs(logit) < Float.POSITIVE_INFINITY ? 0 : 1;
        }
        return notFinite == 0;
    }

    /**
     * Returns what to throw.
     *
     * @param ids the tokens that led there
     */
    static UncheckedIOException report(DecoderModel model, int[] ids) {
        NotFinite search = new NotFinite();
        try (DecoderSession session = model.newSession()) {
            session.prefillObserved(ids, search::look);
        } catch (IllegalArgumentException e) {
            search.found = "the place was not found: " + e.getMessage();
        }
        String where = search.found == null ? "it began in the output head" : search.found;
        return new UncheckedIOException(
                new ModelFormatException(
                        Code.NOT_FINITE,
                        "NOT_FINITE: the model's logits are no numbers; %s; the weights are damaged, convert the model again"
                                .formatted(where)));
    }

    private void look(ProjectionWeights[] matrices, MemorySegment activations, int tokens) {
        if (found != null) {
            return;
        }
        if (!finite(activations, (long) tokens * matrices[0].columns())) {
            found =
                    "the input of '%s' is not finite, what comes before, '%s', is"
                            .formatted(matrices[0].name(), last);
            return;
        }
        for (ProjectionWeights matrix : matrices) {
            if (found == null && inspected.add(matrix.name())) {
                inspect(matrix);
            }
            last = matrix.name();
        }
    }

    private void inspect(ProjectionWeights matrix) {
        Q4nxInspection scales =
                Q4nxInspection.of(
                        new Q4nxTensor(
                                matrix.name(), matrix.rows(), matrix.columns(), matrix.mapped()));
        if (scales.notFinite() > 0) {
            found =
                    "tensor '%s': scale or min of %d of %d groups is not finite"
                            .formatted(matrix.name(), scales.notFinite(), scales.groups());
        }
    }

    private static boolean finite(MemorySegment values, long count) {
        for (long i = 0; i < count; i++) {
            if (!Float.isFinite(values.getAtIndex(JAVA_FLOAT, i))) {
                return false;
            }
        }
        return true;
    }
}
