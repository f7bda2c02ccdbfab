package io.djlnpu.template;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/** A generator: each value is made when it is asked for; null is the end. */
final class Lazy implements Iterator<Value> {

    private final Supplier<Value> source;
    private Value next;
    private boolean ended;

    Lazy(Supplier<Value> source) {
        this.source = source;
    }

    @Override
    public boolean hasNext() {
        if (next == null && !ended) {
            next = source.get();
            ended = next == null;
        }
        return next != null;
    }

    @Override
    public Value next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Value value = next;
        next = null;
        return value;
    }
}
