package io.djlnpu.generate;

import java.util.List;

/**
 * A picture as a model looks at it.
 *
 * @param views the whole picture, then its crops if there are any
 */
public record Picture(List<PromptImage> views) {

    /** Copies the list. */
    public Picture {
        views = List.copyOf(views);
        if (views.isEmpty()) {
            throw new IllegalArgumentException("a picture without a view of it");
        }
    }
}
