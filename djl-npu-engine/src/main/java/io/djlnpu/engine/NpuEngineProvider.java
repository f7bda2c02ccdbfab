package io.djlnpu.engine;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;

/** Tells DJL of the engine {@code NPU}; found through {@code META-INF/services}. */
public final class NpuEngineProvider implements EngineProvider {

    @Override
    public String getEngineName() {
        return NpuEngine.ENGINE_NAME;
    }

    @Override
    public int getEngineRank() {
        return NpuEngine.RANK;
    }

    @Override
    public Engine getEngine() {
        return InstanceHolder.INSTANCE;
    }

    /** Makes the engine on first use. */
    private static final class InstanceHolder {
        static final Engine INSTANCE = new NpuEngine();
    }
}
