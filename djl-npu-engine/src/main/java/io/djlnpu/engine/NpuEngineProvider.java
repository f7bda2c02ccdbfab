package io.djlnpu.engine;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.engine.EngineProvider;

/**
 * Tells DJL of the engine {@code NPU}; found through {@code META-INF/services}.
 *
 * <p>Compiled for Java 17, and names no class that is not: DJL looks at every provider on the class
 * path, and one that it cannot load would take the application's other engines along. On an older
 * Java than 25 the engine says so when it is asked for, and is silent otherwise.
 */
public final class NpuEngineProvider implements EngineProvider {

    private static final String NAME = "NPU";
    private static final int RANK = 11;
    private static final int LEAST_JAVA = 25;

    @Override
    public String getEngineName() {
        return NAME;
    }

    @Override
    public int getEngineRank() {
        return RANK;
    }

    @Override
    public Engine getEngine() {
        int java = Runtime.version().feature();
        if (java < LEAST_JAVA) {
            throw new EngineException(
                    "engine NPU needs Java "
                            + LEAST_JAVA
                            + ", this is Java "
                            + java
                            + "; run the application on a newer one, or name another engine");
        }
        return InstanceHolder.INSTANCE;
    }

    /** Makes the engine on first use. */
    private static final class InstanceHolder {
        static final Engine INSTANCE = instance();

        private static Engine instance() {
            try {
                return (Engine)
                        Class.forName("io.djlnpu.engine.NpuEngine")
                                .getDeclaredConstructor()
                                .newInstance();
            } catch (ReflectiveOperationException e) {
                throw new EngineException("engine NPU cannot be made: " + e.getCause(), e);
            }
        }
    }
}
