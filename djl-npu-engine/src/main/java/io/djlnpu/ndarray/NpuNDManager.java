package io.djlnpu.ndarray;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes arrays of the NPU engine and closes them with itself. Random arrays draw from the generator
 * that {@code Engine.setRandomSeed} seeds.
 */
public class NpuNDManager extends BaseNDManager {

    /** The name under which DJL knows the engine. */
    static final String ENGINE_NAME = "NPU";

    private static final NpuNDManager SYSTEM_MANAGER = new SystemManager();

    private NpuNDManager(NDManager parent, Device device) {
        super(parent, device);
    }

    /**
     * The root of all managers, which is never closed.
     *
     * @return the system manager
     */
    public static NpuNDManager systemManager() {
        return SYSTEM_MANAGER;
    }

    /**
     * A manager right below the root.
     *
     * @param device the device to put arrays on, or null for the engine's default device
     * @return the manager; close it to close all it made
     */
    public static NpuNDManager newBaseManager(Device device) {
        return SYSTEM_MANAGER.newSubManager(device);
    }

    static NpuNDManager cast(NDManager manager) {
        if (manager instanceof NpuNDManager npu) {
            return npu;
        }
        throw new IllegalArgumentException(
                "an array of the NPU engine belongs to a manager of that engine, not to a "
                        + manager.getClass().getSimpleName()
                        + "; bring it over with manager.from(array)");
    }

    NpuNDManager siblingOn(Device target) {
        return target.equals(device) ? this : newSubManager(target);
    }

    private NpuNDArray wrap(Tensor tensor) {
        return new NpuNDArray(this, tensor);
    }

    @Override
    public ByteBuffer allocateDirect(int capacity) {
        return ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
    }

    @Override
    public NDArray from(NDArray array) {
        if (array == null || array instanceof NpuNDArray) {
            return array;
        }
        NDArray result = wrap(Buffers.read(array));
        result.setName(array.getName());
        return result;
    }

    @Override
    public NDArray create(Buffer data, Shape shape, DataType dataType) {
        validateBuffer(
                data,
                dataType == DataType.COMPLEX64 ? DataType.FLOAT32 : dataType,
                slots(shape, dataType));
        return wrap(Buffers.read(data, shape, dataType));
    }

    private static int slots(Shape shape, DataType type) {
        return Dimensions.size(shape) * (type == DataType.COMPLEX64 ? 2 : 1);
    }

    @Override
    public NDArray create(Number data) {
        return wrap(Tensor.ofNumber(data));
    }

    @Override
    public NDArray create(String[] data, Charset charset, Shape shape) {
        return wrap(new Tensor(shape, new StringStorage(data.clone())));
    }

    @Override
    public NDArray create(Shape shape, DataType dataType) {
        return zeros(shape, dataType);
    }

    @Override
    public NDArray zeros(Shape shape, DataType dataType) {
        return wrap(Tensor.allocate(dataType, shape));
    }

    @Override
    public NDArray ones(Shape shape, DataType dataType) {
        return full(shape, 1, dataType);
    }

    @Override
    public NDArray full(Shape shape, int value) {
        return wrap(Tensor.fillLongs(DataType.INT32, shape, i -> value));
    }

    @Override
    public NDArray full(Shape shape, float value, DataType dataType) {
        return wrap(Tensor.fill(dataType, shape, i -> value));
    }

    @Override
    public NDArray arange(int start, int stop, int step, DataType dataType) {
        return wrap(Series.range(start, stop, step, dataType));
    }

    @Override
    public NDArray arange(float start, float stop, float step, DataType dataType) {
        return wrap(Series.range(start, stop, step, dataType));
    }

    @Override
    public NDArray eye(int rows, int cols, int k, DataType dataType) {
        return wrap(
                Tensor.fill(
                        dataType, new Shape(rows, cols), i -> i % cols - i / cols == k ? 1 : 0));
    }

    @Override
    public NDArray linspace(float start, float stop, int num, boolean endpoint) {
        return wrap(Series.linear(start, stop, num, endpoint));
    }

    @Override
    public NDArray randomInteger(long low, long high, Shape shape, DataType dataType) {
        return wrap(Randoms.integers(low, high, shape, dataType));
    }

    @Override
    public NDArray randomPermutation(long n) {
        return wrap(Randoms.permutation(Math.toIntExact(n)));
    }

    @Override
    public NDArray randomUniform(float low, float high, Shape shape, DataType dataType) {
        return wrap(Randoms.uniform(low, high, shape, dataType));
    }

    @Override
    public NDArray randomNormal(float loc, float scale, Shape shape, DataType dataType) {
        return wrap(Randoms.normal(loc, scale, shape, dataType));
    }

    @Override
    public NDArray truncatedNormal(float loc, float scale, Shape shape, DataType dataType) {
        return wrap(Randoms.truncatedNormal(loc, scale, shape, dataType));
    }

    @Override
    public NDArray randomMultinomial(int n, NDArray pValues) {
        return randomMultinomial(n, pValues, new Shape());
    }

    @Override
    public NDArray randomMultinomial(int n, NDArray pValues, Shape shape) {
        return wrap(Randoms.multinomial(n, Buffers.read(pValues), shape));
    }

    @Override
    public NDArray sampleNormal(NDArray mu, NDArray sigma) {
        return sampleNormal(mu, sigma, new Shape());
    }

    @Override
    public NDArray sampleNormal(NDArray mu, NDArray sigma, Shape shape) {
        return wrap(Randoms.sampleNormal(Buffers.read(mu), Buffers.read(sigma), shape));
    }

    @Override
    public NDArray samplePoisson(NDArray lam) {
        return samplePoisson(lam, new Shape());
    }

    @Override
    public NDArray samplePoisson(NDArray lam, Shape shape) {
        return wrap(Randoms.samplePoisson(Buffers.read(lam), shape));
    }

    @Override
    public NDArray sampleGamma(NDArray alpha, NDArray beta) {
        return sampleGamma(alpha, beta, new Shape());
    }

    @Override
    public NDArray sampleGamma(NDArray alpha, NDArray beta, Shape shape) {
        return wrap(Randoms.sampleGamma(Buffers.read(alpha), Buffers.read(beta), shape));
    }

    @Override
    public NDList load(Path path) {
        try (InputStream input = Files.newInputStream(path)) {
            return NDList.decode(this, input);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read arrays from " + path, e);
        }
    }

    @Override
    public NpuNDManager newSubManager(Device target) {
        NpuNDManager manager = new NpuNDManager(this, target);
        attachUncappedInternal(manager.uid, manager);
        return manager;
    }

    @Override
    public Engine getEngine() {
        return Engine.getEngine(ENGINE_NAME);
    }

    /** The root. */
    private static final class SystemManager extends NpuNDManager
            implements NDManager.SystemNDManager {

        SystemManager() {
            super(null, null);
        }
    }
}
