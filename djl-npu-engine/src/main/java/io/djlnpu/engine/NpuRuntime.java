package io.djlnpu.engine;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.format.MappedFault;
import io.djlnpu.simulate.Simulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * A loaded model with everything that must be freed together: the mapped bundle, the kernels'
 * threads, and the sessions. Work holds it open for one step at a time, so that closing waits for
 * the steps that run and is noticed by the next ones.
 */
public final class NpuRuntime implements AutoCloseable {

    private static final int MOST_IDLE = 8;

    private final ModelBundle bundle;
    private final DecoderModel model;
    private final KeptPrompts keptPrompts;
    private final ReadWriteLock lifetime = new ReentrantReadWriteLock();
    private final Deque<DecoderSession> idle = new ArrayDeque<>();
    private final Set<DecoderSession> leased = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Simulation simulation;
    private final EmbeddingPipeline embeddings;
    private TextPipeline text;
    private boolean closed;

    /** Before {@link #closed}: steps that take long end early when they see it. */
    private volatile boolean closing;

    /** Weak: DJL's managers hold this, and a model that nobody holds is to be collected. */
    private final WeakReference<Object> owner;

    private NpuRuntime(
            ModelBundle bundle, DecoderModel model, KeptPrompts keptPrompts, Object owner) {
        this.owner = new WeakReference<>(owner);
        this.bundle = bundle;
        this.model = model;
        this.keptPrompts = keptPrompts;
        embeddings = model.config().isEmbedding() ? new EmbeddingPipeline(this) : null;
        simulation = new Simulation(model.config(), model.options().device());
    }

    /**
     * Loads a model, after converting it if need be.
     *
     * @param path a bundle folder, an ONNX folder or an {@code .onnx} file
     * @param options how to run it
     * @param keptPrompts what is kept of earlier prompts
     * @param owner closes the runtime when it is collected
     * @return the loaded model
     * @throws IOException if the model cannot be used
     */
    static NpuRuntime load(Path path, DecoderOptions options, KeptPrompts keptPrompts, Object owner)
            throws IOException {
        keptPrompts.prepare();
        ModelBundle bundle = BundleCache.standard().open(path, new ConversionLog(path));
        try {
            return new NpuRuntime(bundle, DecoderModel.load(bundle, options), keptPrompts, owner);
        } catch (IOException | RuntimeException e) {
            bundle.close();
            throw e;
        } catch (InternalError e) {
            bundle.close();
            if (MappedFault.isIn(e)) {
                throw MappedFault.truncated(path.toString(), e);
            }
            throw e;
        }
    }

    /**
     * Does one step of work; the model stays open meanwhile.
     *
     * @param <T> the step's result
     * @param step what to do; short, since closing waits for it
     * @return its result
     * @throws IllegalStateException if the model is closed
     * @throws UncheckedIOException if a weight file was cut meanwhile
     */
    public <T> T step(Function<DecoderModel, T> step) {
        lifetime.readLock().lock();
        try {
            if (closing) {
                throw new IllegalStateException("the model is closed");
            }
            return step.apply(model);
        } catch (IllegalStateException | InternalError e) {
            if (MappedFault.isIn(e)) {
                throw new UncheckedIOException(
                        MappedFault.truncated(bundle.folder().toString(), e));
            }
            throw e;
        } finally {
            lifetime.readLock().unlock();
        }
    }

    /**
     * Returns the bundle that the model was loaded from.
     *
     * @return the bundle
     */
    public ModelBundle bundle() {
        return bundle;
    }

    /**
     * Returns the model; valid until it is closed.
     *
     * @return the model
     */
    public DecoderModel model() {
        return model;
    }

    /**
     * Returns the way from text to text; opens the tokenizer at the first call.
     *
     * @return one for all callers
     * @throws IOException if the model's folder has no usable tokenizer or template
     * @throws IllegalArgumentException if the model makes embeddings and no text
     */
    public TextPipeline text() throws IOException {
        lifetime.readLock().lock();
        try {
            if (closing) {
                throw new IllegalStateException("the model is closed");
            }
            synchronized (idle) {
                if (text == null) {
                    model.requireText();
                    text = TextPipeline.open(this);
                }
                return text;
            }
        } finally {
            lifetime.readLock().unlock();
        }
    }

    /**
     * Returns the way from texts to vectors.
     *
     * @return one for all callers
     * @throws IllegalArgumentException if the model writes text and makes no embeddings
     */
    public EmbeddingPipeline embeddings() {
        model.requireEmbeddings();
        return embeddings;
    }

    /** Prices what this model does on the NPU. */
    Simulation simulation() {
        return simulation;
    }

    KeptPrompts keptPrompts() {
        return keptPrompts;
    }

    /** Hands out an empty session; called within a step. */
    DecoderSession lease() {
        synchronized (idle) {
            DecoderSession session = idle.isEmpty() ? model.newSession() : idle.pop();
            leased.add(session);
            return session;
        }
    }

    /** Takes over a session that was made by forking. */
    DecoderSession adopt(DecoderSession session) {
        synchronized (idle) {
            leased.add(session);
            return session;
        }
    }

    /** Takes a session back; does nothing when the model has been closed meanwhile. */
    void giveBack(DecoderSession session) {
        synchronized (idle) {
            if (!leased.remove(session)) {
                return;
            }
            if (idle.size() < MOST_IDLE) {
                session.reset();
                idle.push(session);
            } else {
                session.close();
            }
        }
    }

    /** DJL's model, to be held by what must not see this closed while it is in use. */
    Object owner() {
        return owner.get();
    }

    /** Whether somebody waits for the steps that run in order to close the model. */
    boolean closing() {
        return closing;
    }

    @Override
    public void close() {
        closing = true;
        lifetime.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            synchronized (idle) {
                idle.forEach(DecoderSession::close);
                idle.clear();
                leased.forEach(DecoderSession::close);
                leased.clear();
            }
            if (embeddings != null) {
                embeddings.close();
            }
            if (text != null) {
                text.close();
            }
            model.close();
            bundle.close();
        } finally {
            lifetime.writeLock().unlock();
        }
    }
}
