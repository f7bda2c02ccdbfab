package io.djlnpu.engine;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.djlnpu.ndarray.NpuNDManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * The DJL engine {@code NPU}: pure Java, inference only, no alternative engine.
 *
 * <p>Its one device is {@code npu0}; a model asked for on {@code cpu} computes the same numbers.
 */
public final class NpuEngine extends Engine {

    /** The name under which DJL knows this engine. */
    public static final String ENGINE_NAME = "NPU";

    /**
     * Above ONNX Runtime's 10, so that no app's default engine changes, and below RPC's 15, so that
     * alone on the class path it is the default.
     */
    static final int RANK = 11;

    private static final Device DEVICE = Device.of("npu", 0);

    private final String version = readVersion();

    NpuEngine() {}

    private static String readVersion() {
        try (InputStream input = NpuEngine.class.getResourceAsStream("npu-engine.properties")) {
            Properties properties = new Properties();
            properties.load(input);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read npu-engine.properties from the engine's jar", e);
        }
    }

    @Override
    public Engine getAlternativeEngine() {
        return null;
    }

    @Override
    public String getEngineName() {
        return ENGINE_NAME;
    }

    @Override
    public int getRank() {
        return RANK;
    }

    @Override
    public String getVersion() {
        return version;
    }

    @Override
    public boolean hasCapability(String capability) {
        return false;
    }

    @Override
    public Device defaultDevice() {
        return DEVICE;
    }

    @Override
    public Device[] getDevices(int maxGpus) {
        return new Device[] {DEVICE};
    }

    @Override
    public int getGpuCount() {
        return 0;
    }

    @Override
    public Model newModel(String name, Device device) {
        return new NpuModel(name, newBaseManager(device));
    }

    @Override
    public NDManager newBaseManager() {
        return newBaseManager(null);
    }

    @Override
    public NDManager newBaseManager(Device device) {
        return NpuNDManager.newBaseManager(device);
    }

    @Override
    public String toString() {
        return ENGINE_NAME + ":" + RANK + ", version " + version + ", devices: [" + DEVICE + "]";
    }
}
