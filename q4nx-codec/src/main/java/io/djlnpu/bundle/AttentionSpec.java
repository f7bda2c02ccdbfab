package io.djlnpu.bundle;

/**
 * What attention does in one kind of layer.
 *
 * @param rope how queries and keys are rotated
 * @param visible which keys a query sees
 */
public record AttentionSpec(RopeSpec rope, Visibility visible) {

    AttentionSpec withRope(RopeSpec other) {
        return new AttentionSpec(other, visible);
    }
}
