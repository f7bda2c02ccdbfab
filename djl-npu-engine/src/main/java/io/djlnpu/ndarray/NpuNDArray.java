package io.djlnpu.ndarray;

import ai.djl.Device;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The array of the NPU engine, held in Java memory.
 *
 * <p>This class checks arguments, attaches results to a manager and delegates; the mathematics is
 * in the package's other classes.
 *
 * <p><b>Values, not views:</b> a slice, a reshape or a transpose is an array of its own; a change
 * to one never shows in another. Reshapes share their contents until one side changes.
 *
 * <p><b>Lazy arrays:</b> contents may be supplied on the first read ({@link #lazy}); until they are
 * changed the array remembers where they came from ({@link #source}).
 *
 * <p><b>Numerics:</b> floats (FLOAT16 and BFLOAT16 too) compute in double and round once, to
 * nearest even; sums and products of whole numbers are INT64; types meet as in PyTorch, division of
 * whole numbers gives FLOAT32.
 */
public final class NpuNDArray implements NDArray {

    private final String uid = NDManager.nextUid();
    private final NpuNDArrayEx extension = new NpuNDArrayEx(this);
    private final DataType type;
    private final Device device;
    private NpuNDManager manager;
    private String name;
    private Shape shape;
    private Tensor tensor;
    private Supplier<Tensor> pending;
    private Object source;

    NpuNDArray(NpuNDManager manager, Tensor tensor) {
        this(manager, tensor.type(), tensor.shape(), tensor, null, null);
    }

    private NpuNDArray(
            NpuNDManager manager,
            DataType type,
            Shape shape,
            Tensor tensor,
            Supplier<Tensor> pending,
            Object source) {
        this.manager = manager;
        this.type = type;
        this.shape = shape;
        this.tensor = tensor;
        this.pending = pending;
        this.source = source;
        this.device = manager.getDevice();
        manager.attachInternal(uid, this);
        NDScope.register(this);
    }

    /**
     * A FLOAT32 array around {@code data}, which is not copied and must not be changed afterwards.
     *
     * @param manager the manager to attach to, of this engine
     * @param data the elements, row-major
     * @param shape the shape
     * @return the array
     */
    public static NpuNDArray of(NDManager manager, float[] data, Shape shape) {
        return new NpuNDArray(NpuNDManager.cast(manager), Tensor.ofFloats(shape, data));
    }

    /**
     * An array whose contents are asked for when they are first read or changed, once.
     *
     * @param manager the manager to attach to, of this engine
     * @param type the element type
     * @param shape the shape
     * @param source what the contents come from, told when the array is closed if it is an {@link
     *     ArraySource}; {@link #source} gives it back until the array is changed
     * @param contents supplies the elements, row-major, in a buffer of a kind that {@code
     *     NDManager.create} takes for the type
     * @return the array
     */
    public static NpuNDArray lazy(
            NDManager manager,
            DataType type,
            Shape shape,
            Object source,
            Supplier<? extends Buffer> contents) {
        Supplier<Tensor> reader = () -> Buffers.read(contents.get(), shape, type);
        return new NpuNDArray(NpuNDManager.cast(manager), type, shape, null, reader, source);
    }

    /**
     * Where the contents of a {@link #lazy} array come from.
     *
     * @return the source as given, or null if the array was changed since, or never had one
     */
    public synchronized Object source() {
        return source;
    }

    /**
     * Tells whether the contents of a {@link #lazy} array have not been asked for yet.
     *
     * @return true if nobody has read the array so far
     */
    public synchronized boolean isPending() {
        return pending != null;
    }

    /** The contents, fetched now if they are still pending. */
    synchronized Tensor tensor() {
        if (pending != null) {
            tensor = pending.get();
            pending = null;
        }
        if (tensor == null) {
            throw new IllegalStateException(
                    "the array "
                            + (name == null ? uid : name)
                            + " of shape "
                            + shape
                            + " has been closed");
        }
        return tensor;
    }

    /**
     * The contents to be changed in place: nobody else leans on them, and they stand for no source
     * any more.
     */
    synchronized Tensor writableTensor() {
        if (tensor().data().isShared()) {
            tensor = new Tensor(shape, tensor.data().duplicate());
        }
        source = null;
        return tensor;
    }

    /** An array of this one's manager that holds the result of an operation. */
    NpuNDArray result(Tensor result) {
        return wrap(result);
    }

    private NpuNDArray wrap(Tensor result) {
        return new NpuNDArray(manager, result == tensor ? shared(result) : result);
    }

    private NpuNDArray wrap(Tensor result, NDManager owner) {
        return new NpuNDArray(
                owner instanceof NpuNDManager npu ? npu : manager,
                result == tensor ? shared(result) : result);
    }

    /** The same contents under two arrays: whoever changes them first takes a copy. */
    private static Tensor shared(Tensor tensor) {
        return new Tensor(tensor.shape(), tensor.data().share());
    }

    /** Takes over the result of an operation in place. */
    synchronized NpuNDArray become(Tensor result) {
        if (!result.shape().equals(shape)) {
            throw new IllegalArgumentException(
                    "an operation in place cannot grow the array from "
                            + shape
                            + " to "
                            + result.shape());
        }
        if (Casts.kind(result.type()) > Casts.kind(type)) {
            throw new IllegalArgumentException(
                    "an operation in place cannot keep a result of "
                            + result.type()
                            + " in an array of "
                            + type);
        }
        tensor();
        tensor = result.cast(type);
        source = null;
        return this;
    }

    private static Tensor read(NDArray other) {
        return Buffers.read(other);
    }

    private NDList list(Tensor... tensors) {
        NDList result = new NDList(tensors.length);
        for (Tensor element : tensors) {
            result.add(wrap(element));
        }
        return result;
    }

    private NpuNDArray truth(boolean value) {
        return wrap(Tensor.fill(DataType.BOOLEAN, new Shape(), i -> value ? 1 : 0));
    }

    private int axis(long axis) {
        return Dimensions.axis(Math.toIntExact(axis), shape.dimension());
    }

    private void requireMatrices(String operation, NDArray other) {
        if (isScalar() || other.isScalar()) {
            throw new IllegalArgumentException(operation + " takes no scalars; multiply with mul");
        }
    }

    @Override
    public NpuNDManager getManager() {
        return manager;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public void setName(String name) {
        this.name = name;
    }

    @Override
    public String getUid() {
        return uid;
    }

    @Override
    public DataType getDataType() {
        return type;
    }

    @Override
    public Device getDevice() {
        return device;
    }

    @Override
    public Shape getShape() {
        return shape;
    }

    @Override
    public SparseFormat getSparseFormat() {
        return SparseFormat.DENSE;
    }

    @Override
    public NpuNDArrayEx getNDArrayInternal() {
        return extension;
    }

    @Override
    public NDArray toDevice(Device target, boolean copy) {
        if (target.equals(device)) {
            return copy ? duplicate() : this;
        }
        NDArray result = new NpuNDArray(manager.siblingOn(target), shared(tensor()));
        result.setName(name);
        return result;
    }

    @Override
    public NpuNDArray toType(DataType target, boolean copy) {
        if (target == type && !copy) {
            return this;
        }
        NpuNDArray result = wrap(tensor().cast(target));
        result.setName(name);
        return result;
    }

    @Override
    public NpuNDArray duplicate() {
        return toType(type, true);
    }

    @Override
    public ByteBuffer toByteBuffer(boolean tryDirect) {
        Storage data = tensor().data();
        if (type == DataType.STRING) {
            throw new UnsupportedOperationException(
                    "an array of type STRING has no bytes; read it with toStringArray()");
        }
        ByteBuffer buffer =
                ByteBuffer.allocate(Math.multiplyExact(data.size(), Storages.bytesPerElement(type)))
                        .order(ByteOrder.nativeOrder());
        data.writeTo(buffer);
        return buffer.rewind();
    }

    @Override
    public float[] toFloatArray() {
        return switch (type) {
            case FLOAT32 -> tensor().floats().clone();
            case FLOAT16, BFLOAT16 -> Casts.toFloats(tensor());
            default ->
                    throw new IllegalStateException(
                            "an array of "
                                    + type
                                    + " does not read as float; use toType(DataType.FLOAT32, false)");
        };
    }

    @Override
    public Number[] toArray() {
        return type == DataType.BFLOAT16
                ? toType(DataType.FLOAT32, false).toArray()
                : NDArray.super.toArray();
    }

    @Override
    public String[] toStringArray(Charset charset) {
        if (tensor().data() instanceof StringStorage strings) {
            return strings.values().clone();
        }
        throw new UnsupportedOperationException(
                "an array of " + type + " does not read as strings");
    }

    @Override
    public synchronized void set(Buffer buffer) {
        BaseNDManager.validateBuffer(buffer, type, Math.toIntExact(size()));
        // All is overwritten: pending contents need not be fetched first.
        boolean closed = tensor == null && pending == null;
        tensor = closed ? tensor() : Buffers.read(buffer, shape, type);
        pending = null;
        source = null;
    }

    @Override
    public void copyTo(NDArray target) {
        if (target instanceof NpuNDArray array && array.type == type && array.size() == size()) {
            array.become(new Tensor(array.shape, tensor().data().share()));
        } else {
            NDArray.super.copyTo(target);
        }
    }

    @Override
    public synchronized void intern(NDArray replaced) {
        NpuNDArray other = (NpuNDArray) replaced;
        if (other.type != type) {
            throw new IllegalArgumentException(
                    "an array of " + type + " cannot take over contents of " + other.type);
        }
        tensor = other.tensor();
        shape = tensor.shape();
        pending = null;
        source = other.source;
        other.close();
    }

    @Override
    public void attach(NDManager target) {
        detach();
        manager = NpuNDManager.cast(target);
        manager.attachInternal(uid, this);
    }

    @Override
    public void returnResource(NDManager target) {
        detach();
        manager = NpuNDManager.cast(target);
        manager.attachUncappedInternal(uid, this);
    }

    @Override
    public void tempAttach(NDManager target) {
        NDManager original = manager;
        detach();
        manager = NpuNDManager.cast(target);
        manager.tempAttachInternal(original, uid, this);
    }

    @Override
    public void detach() {
        manager.detachInternal(uid);
        manager = NpuNDManager.systemManager();
    }

    @Override
    public synchronized boolean isReleased() {
        return tensor == null && pending == null;
    }

    @Override
    public void close() {
        Object released;
        synchronized (this) {
            released = source;
            tensor = null;
            pending = null;
            source = null;
        }
        manager.detachInternal(uid);
        if (released instanceof ArraySource lazySource) {
            lazySource.release();
        }
    }

    @Override
    public boolean hasGradient() {
        return false;
    }

    @Override
    public void setRequiresGradient(boolean requiresGrad) {
        if (requiresGrad) {
            throw new UnsupportedOperationException(
                    "the NPU engine runs models, it does not train them: arrays have no gradient");
        }
    }

    @Override
    public NDArray getGradient() {
        throw new IllegalStateException(
                "no gradient: the NPU engine runs models, it does not train them");
    }

    @Override
    public NpuNDArray stopGradient() {
        return duplicate();
    }

    @Override
    public NpuNDArray toDense() {
        return duplicate();
    }

    @Override
    public NDArray toSparse(SparseFormat format) {
        throw new UnsupportedOperationException(
                "the NPU engine has dense arrays only, asked for " + format);
    }

    @Override
    public boolean contentEquals(Number number) {
        return number != null
                && !type.isBoolean()
                && Masks.count(Comparisons.eq(tensor(), Tensor.ofNumber(number))) == size();
    }

    @Override
    public boolean contentEquals(NDArray other) {
        if (other == null || other.getDataType() != type || !shapeEquals(other)) {
            return false;
        }
        if (type == DataType.STRING) {
            return Arrays.equals(toStringArray(), other.toStringArray());
        }
        return Comparisons.same(tensor(), read(other));
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof NDArray array && !isReleased() && contentEquals(array);
    }

    @Override
    public int hashCode() {
        return Objects.hash(type, shape);
    }

    @Override
    public String toString() {
        return toDebugString();
    }

    @Override
    public NpuNDArray eq(Number n) {
        return wrap(Comparisons.eq(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray eq(NDArray other) {
        return wrap(Comparisons.eq(tensor(), read(other)));
    }

    @Override
    public NpuNDArray neq(Number n) {
        return wrap(Comparisons.neq(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray neq(NDArray other) {
        return wrap(Comparisons.neq(tensor(), read(other)));
    }

    @Override
    public NpuNDArray gt(Number n) {
        return wrap(Comparisons.gt(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray gt(NDArray other) {
        return wrap(Comparisons.gt(tensor(), read(other)));
    }

    @Override
    public NpuNDArray gte(Number n) {
        return wrap(Comparisons.gte(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray gte(NDArray other) {
        return wrap(Comparisons.gte(tensor(), read(other)));
    }

    @Override
    public NpuNDArray lt(Number n) {
        return wrap(Comparisons.lt(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray lt(NDArray other) {
        return wrap(Comparisons.lt(tensor(), read(other)));
    }

    @Override
    public NpuNDArray lte(Number n) {
        return wrap(Comparisons.lte(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray lte(NDArray other) {
        return wrap(Comparisons.lte(tensor(), read(other)));
    }

    @Override
    public NpuNDArray add(Number n) {
        return wrap(Arithmetic.add(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray add(NDArray other) {
        return wrap(Arithmetic.add(tensor(), read(other)));
    }

    @Override
    public NpuNDArray sub(Number n) {
        return wrap(Arithmetic.sub(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray sub(NDArray other) {
        return wrap(Arithmetic.sub(tensor(), read(other)));
    }

    @Override
    public NpuNDArray mul(Number n) {
        return wrap(Arithmetic.mul(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray mul(NDArray other) {
        return wrap(Arithmetic.mul(tensor(), read(other)));
    }

    @Override
    public NpuNDArray div(Number n) {
        return wrap(Arithmetic.div(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray div(NDArray other) {
        return wrap(Arithmetic.div(tensor(), read(other)));
    }

    @Override
    public NpuNDArray mod(Number n) {
        return wrap(Arithmetic.mod(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray mod(NDArray other) {
        return wrap(Arithmetic.mod(tensor(), read(other)));
    }

    @Override
    public NpuNDArray pow(Number n) {
        return wrap(Arithmetic.pow(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray pow(NDArray other) {
        return wrap(Arithmetic.pow(tensor(), read(other)));
    }

    @Override
    public NpuNDArray maximum(Number n) {
        return wrap(Arithmetic.maximum(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray maximum(NDArray other) {
        return wrap(Arithmetic.maximum(tensor(), read(other)));
    }

    @Override
    public NpuNDArray minimum(Number n) {
        return wrap(Arithmetic.minimum(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray minimum(NDArray other) {
        return wrap(Arithmetic.minimum(tensor(), read(other)));
    }

    @Override
    public NpuNDArray addi(Number n) {
        return become(Arithmetic.add(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray addi(NDArray other) {
        return become(Arithmetic.add(tensor(), read(other)));
    }

    @Override
    public NpuNDArray subi(Number n) {
        return become(Arithmetic.sub(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray subi(NDArray other) {
        return become(Arithmetic.sub(tensor(), read(other)));
    }

    @Override
    public NpuNDArray muli(Number n) {
        return become(Arithmetic.mul(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray muli(NDArray other) {
        return become(Arithmetic.mul(tensor(), read(other)));
    }

    @Override
    public NpuNDArray divi(Number n) {
        return become(Arithmetic.div(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray divi(NDArray other) {
        return become(Arithmetic.div(tensor(), read(other)));
    }

    @Override
    public NpuNDArray modi(Number n) {
        return become(Arithmetic.mod(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray modi(NDArray other) {
        return become(Arithmetic.mod(tensor(), read(other)));
    }

    @Override
    public NpuNDArray powi(Number n) {
        return become(Arithmetic.pow(tensor(), Tensor.ofNumber(n)));
    }

    @Override
    public NpuNDArray powi(NDArray other) {
        return become(Arithmetic.pow(tensor(), read(other)));
    }

    @Override
    public NpuNDArray xlogy(NDArray other) {
        return wrap(Arithmetic.xlogy(tensor(), read(other)));
    }

    @Override
    public NpuNDArray atan2(NDArray other) {
        return wrap(ElementWise.realBinary(tensor(), read(other), Math::atan2));
    }

    @Override
    public NpuNDArray logicalAnd(NDArray other) {
        return wrap(Comparisons.logicalAnd(tensor(), read(other)));
    }

    @Override
    public NpuNDArray logicalOr(NDArray other) {
        return wrap(Comparisons.logicalOr(tensor(), read(other)));
    }

    @Override
    public NpuNDArray logicalXor(NDArray other) {
        return wrap(Comparisons.logicalXor(tensor(), read(other)));
    }

    @Override
    public NpuNDArray logicalNot() {
        return wrap(ElementWise.test(tensor(), value -> value == 0));
    }

    @Override
    public NpuNDArray sign() {
        return wrap(ElementWise.same(tensor(), Math::signum, Long::signum));
    }

    @Override
    public NpuNDArray signi() {
        return become(ElementWise.same(tensor(), Math::signum, Long::signum));
    }

    @Override
    public NpuNDArray neg() {
        return wrap(ElementWise.same(tensor(), value -> -value, value -> -value));
    }

    @Override
    public NpuNDArray negi() {
        return become(ElementWise.same(tensor(), value -> -value, value -> -value));
    }

    @Override
    public NpuNDArray abs() {
        return wrap(
                ElementWise.same(
                        tensor(), Math::abs, type == DataType.UINT64 ? value -> value : Math::abs));
    }

    @Override
    public NpuNDArray square() {
        return wrap(Arithmetic.square(tensor()));
    }

    @Override
    public NpuNDArray floor() {
        return wrap(ElementWise.same(tensor(), Math::floor, value -> value));
    }

    @Override
    public NpuNDArray ceil() {
        return wrap(ElementWise.same(tensor(), Math::ceil, value -> value));
    }

    @Override
    public NpuNDArray round() {
        return wrap(ElementWise.same(tensor(), Math::rint, value -> value));
    }

    @Override
    public NpuNDArray trunc() {
        return wrap(
                ElementWise.same(
                        tensor(),
                        value -> value < 0 ? Math.ceil(value) : Math.floor(value),
                        value -> value));
    }

    @Override
    public NpuNDArray sqrt() {
        return wrap(ElementWise.real(tensor(), Math::sqrt));
    }

    @Override
    public NpuNDArray cbrt() {
        return wrap(ElementWise.real(tensor(), Math::cbrt));
    }

    @Override
    public NpuNDArray exp() {
        return wrap(ElementWise.real(tensor(), Math::exp));
    }

    @Override
    public NpuNDArray gammaln() {
        return wrap(ElementWise.real(tensor(), SpecialFunctions::logGamma));
    }

    @Override
    public NpuNDArray log() {
        return wrap(ElementWise.real(tensor(), Math::log));
    }

    @Override
    public NpuNDArray log10() {
        return wrap(ElementWise.real(tensor(), Math::log10));
    }

    @Override
    public NpuNDArray log2() {
        return wrap(ElementWise.real(tensor(), value -> Math.log(value) / Math.log(2)));
    }

    @Override
    public NpuNDArray sin() {
        return wrap(ElementWise.real(tensor(), Math::sin));
    }

    @Override
    public NpuNDArray cos() {
        return wrap(ElementWise.real(tensor(), Math::cos));
    }

    @Override
    public NpuNDArray tan() {
        return wrap(ElementWise.real(tensor(), Math::tan));
    }

    @Override
    public NpuNDArray asin() {
        return wrap(ElementWise.real(tensor(), Math::asin));
    }

    @Override
    public NpuNDArray acos() {
        return wrap(ElementWise.real(tensor(), Math::acos));
    }

    @Override
    public NpuNDArray atan() {
        return wrap(ElementWise.real(tensor(), Math::atan));
    }

    @Override
    public NpuNDArray sinh() {
        return wrap(ElementWise.real(tensor(), Math::sinh));
    }

    @Override
    public NpuNDArray cosh() {
        return wrap(ElementWise.real(tensor(), Math::cosh));
    }

    @Override
    public NpuNDArray tanh() {
        return wrap(ElementWise.real(tensor(), Math::tanh));
    }

    @Override
    public NpuNDArray asinh() {
        return wrap(ElementWise.real(tensor(), SpecialFunctions::asinh));
    }

    @Override
    public NpuNDArray acosh() {
        return wrap(ElementWise.real(tensor(), SpecialFunctions::acosh));
    }

    @Override
    public NpuNDArray atanh() {
        return wrap(ElementWise.real(tensor(), SpecialFunctions::atanh));
    }

    @Override
    public NpuNDArray toDegrees() {
        return wrap(ElementWise.real(tensor(), Math::toDegrees));
    }

    @Override
    public NpuNDArray toRadians() {
        return wrap(ElementWise.real(tensor(), Math::toRadians));
    }

    @Override
    public NpuNDArray erf() {
        return wrap(ElementWise.real(tensor(), SpecialFunctions::erf));
    }

    @Override
    public NpuNDArray erfinv() {
        return wrap(ElementWise.real(tensor(), SpecialFunctions::erfinv));
    }

    @Override
    public NpuNDArray isInfinite() {
        return wrap(ElementWise.test(tensor(), Double::isInfinite));
    }

    @Override
    public NpuNDArray isNaN() {
        return wrap(ElementWise.test(tensor(), Double::isNaN));
    }

    @Override
    public NpuNDArray clip(Number min, Number max) {
        return wrap(Arithmetic.clip(tensor(), min, max));
    }

    @Override
    public NpuNDArray max() {
        return wrap(Reductions.max(tensor(), Reductions.allAxes(tensor()), false));
    }

    @Override
    public NpuNDArray max(int[] axes, boolean keepDims) {
        return wrap(Reductions.max(tensor(), axes, keepDims));
    }

    @Override
    public NpuNDArray min() {
        return wrap(Reductions.min(tensor(), Reductions.allAxes(tensor()), false));
    }

    @Override
    public NpuNDArray min(int[] axes, boolean keepDims) {
        return wrap(Reductions.min(tensor(), axes, keepDims));
    }

    @Override
    public NpuNDArray sum() {
        return wrap(Reductions.sum(tensor(), Reductions.allAxes(tensor()), false));
    }

    @Override
    public NpuNDArray sum(int[] axes, boolean keepDims) {
        return wrap(Reductions.sum(tensor(), axes, keepDims));
    }

    @Override
    public NpuNDArray prod() {
        return wrap(Reductions.prod(tensor(), Reductions.allAxes(tensor()), false));
    }

    @Override
    public NpuNDArray prod(int[] axes, boolean keepDims) {
        return wrap(Reductions.prod(tensor(), axes, keepDims));
    }

    @Override
    public NpuNDArray mean() {
        return wrap(Reductions.mean(tensor(), Reductions.allAxes(tensor()), false));
    }

    @Override
    public NpuNDArray mean(int[] axes, boolean keepDims) {
        return wrap(Reductions.mean(tensor(), axes, keepDims));
    }

    @Override
    public NpuNDArray all() {
        return truth(Masks.count(tensor()) == size());
    }

    @Override
    public NpuNDArray any() {
        return truth(Masks.count(tensor()) > 0);
    }

    @Override
    public NpuNDArray none() {
        return truth(Masks.count(tensor()) == 0);
    }

    @Override
    public NpuNDArray countNonzero() {
        return wrap(Tensor.ofLongs(new Shape(), Masks.count(tensor())));
    }

    @Override
    public NpuNDArray countNonzero(int axis) {
        return wrap(Reductions.sum(tensor().cast(DataType.BOOLEAN), new int[] {axis}, false));
    }

    @Override
    public NpuNDArray norm(boolean keepDims) {
        return norm(2, new int[0], keepDims);
    }

    @Override
    public NpuNDArray norm(int order, int[] axes, boolean keepDims) {
        return wrap(Reductions.norm(tensor(), order, axes, keepDims));
    }

    @Override
    public NpuNDArray normalize(double exponent, long dim, double eps) {
        Tensor norm = Reductions.norm(tensor(), exponent, new int[] {axis(dim)}, true);
        return wrap(
                Arithmetic.div(tensor(), ElementWise.real(norm, value -> Math.max(value, eps))));
    }

    @Override
    public NpuNDArray cumSum() {
        return isScalar() ? reshape(1) : isEmpty() ? reshape(0) : cumSum(0);
    }

    @Override
    public NpuNDArray cumSum(int axis) {
        return wrap(Scans.cumSum(tensor(), axis(axis)));
    }

    @Override
    public NpuNDArray cumProd(int axis) {
        return wrap(Scans.cumProd(tensor(), axis(axis), null));
    }

    @Override
    public NpuNDArray cumProd(int axis, DataType dataType) {
        return wrap(Scans.cumProd(tensor(), axis(axis), dataType));
    }

    @Override
    public NpuNDArray diff(int n, int dim) {
        return wrap(Scans.diff(tensor(), n, axis(dim)));
    }

    @Override
    public NpuNDArray softmax(int axis) {
        return wrap(Softmax.softmax(tensor(), axis(axis)));
    }

    @Override
    public NpuNDArray logSoftmax(int axis) {
        return wrap(Softmax.logSoftmax(tensor(), axis(axis)));
    }

    @Override
    public NpuNDArray argMax() {
        return wrap(TopK.argMax(tensor().reshape(size()), 0)).reshape(new Shape());
    }

    @Override
    public NpuNDArray argMax(int axis) {
        return wrap(TopK.argMax(tensor(), axis(axis)));
    }

    @Override
    public NpuNDArray argMin() {
        return wrap(TopK.argMin(tensor().reshape(size()), 0)).reshape(new Shape());
    }

    @Override
    public NpuNDArray argMin(int axis) {
        return wrap(TopK.argMin(tensor(), axis(axis)));
    }

    @Override
    public NDList topK(int k, int axis, boolean largest, boolean sorted) {
        return list(TopK.topK(tensor(), k, axis(axis), largest));
    }

    @Override
    public NpuNDArray argSort(int axis, boolean ascending) {
        return wrap(Sorting.argSort(tensor(), axis(axis), ascending));
    }

    @Override
    public NpuNDArray sort() {
        return sort(-1);
    }

    @Override
    public NpuNDArray sort(int axis) {
        return wrap(Sorting.sort(tensor(), axis(axis)));
    }

    @Override
    public NpuNDArray percentile(Number percentile) {
        return percentile(percentile, new int[] {-1});
    }

    @Override
    public NpuNDArray percentile(Number percentile, int[] axes) {
        Tensor rows = Reductions.rows(tensor(), axes);
        return wrap(
                Sorting.quantile(
                        rows, percentile.doubleValue() / 100, Math.max(0, rows.rank() - 1)));
    }

    @Override
    public NpuNDArray median() {
        return median(new int[] {-1});
    }

    @Override
    public NpuNDArray median(int[] axes) {
        Tensor rows = Reductions.rows(tensor(), axes);
        return wrap(Sorting.median(rows, Math.max(0, rows.rank() - 1)));
    }

    @Override
    public NDList unique(Integer dim, boolean sorted, boolean returnInverse, boolean returnCounts) {
        Integer axis = dim == null ? null : (Integer) axis(dim);
        return list(
                Uniques.unique(tensor(), axis, returnInverse, returnCounts).toArray(Tensor[]::new));
    }

    @Override
    public NpuNDArray nonzero() {
        return wrap(Masks.nonzero(tensor()));
    }

    @Override
    public NpuNDArray booleanMask(NDArray index, int axis) {
        return wrap(Masks.select(tensor(), read(index), axis(axis)));
    }

    @Override
    public NpuNDArray sequenceMask(NDArray sequenceLength, float value) {
        return wrap(Masks.sequence(tensor(), read(sequenceLength), value));
    }

    @Override
    public NpuNDArray sequenceMask(NDArray sequenceLength) {
        return sequenceMask(sequenceLength, 0);
    }

    @Override
    public NpuNDArray gather(NDArray index, int axis) {
        return wrap(Gather.gather(tensor(), read(index), axis(axis)));
    }

    @Override
    public NpuNDArray gatherNd(NDArray index) {
        return wrap(Gather.gatherNd(tensor(), read(index)));
    }

    @Override
    public NDArray take(NDManager manager, NDArray index) {
        return manager.from(wrap(Gather.take(tensor(), read(index)), manager));
    }

    @Override
    public NpuNDArray put(NDArray index, NDArray value) {
        return wrap(Gather.put(tensor(), read(index), read(value)));
    }

    @Override
    public NpuNDArray scatter(NDArray index, NDArray value, int axis) {
        return wrap(Gather.scatter(tensor(), read(index), read(value), axis(axis)));
    }

    @Override
    public NpuNDArray oneHot(int depth, float onValue, float offValue, DataType dataType) {
        return wrap(Gather.oneHot(tensor(), depth, onValue, offValue, dataType));
    }

    @Override
    public NpuNDArray reshape(long... newShape) {
        return reshape(new Shape(newShape));
    }

    @Override
    public NpuNDArray reshape(Shape target) {
        return wrap(tensor().reshape(Dimensions.resolve(target, Math.toIntExact(size()))));
    }

    @Override
    public NpuNDArray expandDims(int axis) {
        int place = Dimensions.axis(axis, getShape().dimension() + 1);
        return reshape(Dimensions.insert(getShape(), place, 1));
    }

    @Override
    public NpuNDArray squeeze(int[] axes) {
        return wrap(Reorder.squeeze(tensor(), axes));
    }

    @Override
    public NpuNDArray flatten() {
        return reshape(size());
    }

    @Override
    public NpuNDArray flatten(int startDim, int endDim) {
        return wrap(Reorder.flatten(tensor(), axis(startDim), axis(endDim)));
    }

    @Override
    public NpuNDArray transpose() {
        return wrap(Reorder.reverse(tensor()));
    }

    @Override
    public NpuNDArray transpose(int... axes) {
        return wrap(Reorder.transpose(tensor(), axes));
    }

    @Override
    public NpuNDArray swapAxes(int axis1, int axis2) {
        return wrap(Reorder.swap(tensor(), axis(axis1), axis(axis2)));
    }

    @Override
    public NpuNDArray flip(int... axes) {
        return wrap(Reorder.flip(tensor(), axes));
    }

    @Override
    public NpuNDArray rotate90(int times, int[] axes) {
        return wrap(Reorder.rotate90(tensor(), times, axes));
    }

    @Override
    public NpuNDArray broadcast(Shape shape) {
        return wrap(StridedView.broadcast(tensor(), shape));
    }

    @Override
    public NpuNDArray pad(Shape padding, double value) {
        return wrap(Joins.pad(tensor(), padding.getShape(), value));
    }

    @Override
    public NDList split(long sections, int axis) {
        return list(
                Joins.split(tensor(), Joins.equalCuts(tensor(), sections, axis(axis)), axis(axis))
                        .toArray(Tensor[]::new));
    }

    @Override
    public NDList split(long[] indices, int axis) {
        return indices.length == 0
                ? new NDList(this)
                : list(Joins.split(tensor(), indices, axis(axis)).toArray(Tensor[]::new));
    }

    @Override
    public NpuNDArray tile(long repeats) {
        long[] all = new long[Math.max(1, getShape().dimension())];
        Arrays.fill(all, repeats);
        return isEmpty() ? duplicate() : tile(all);
    }

    @Override
    public NpuNDArray tile(int axis, long repeats) {
        int place = axis < getShape().dimension() ? axis(axis) : axis;
        long[] one = new long[Math.max(place + 1, getShape().dimension())];
        Arrays.fill(one, 1);
        one[place] = repeats;
        return tile(one);
    }

    @Override
    public NpuNDArray tile(long[] repeats) {
        return wrap(Joins.tile(tensor(), repeats));
    }

    @Override
    public NpuNDArray tile(Shape desiredShape) {
        return tile(Reorder.repeatsToReach(getShape(), desiredShape));
    }

    @Override
    public NpuNDArray repeat(long repeats) {
        long[] all = new long[Math.max(1, getShape().dimension())];
        Arrays.fill(all, repeats);
        return isEmpty() ? duplicate() : repeat(all);
    }

    @Override
    public NpuNDArray repeat(int axis, long repeats) {
        return wrap(Joins.repeat(tensor(), axis(axis), repeats));
    }

    @Override
    public NpuNDArray repeat(long[] repeats) {
        Tensor result = tensor();
        for (int i = 0; i < repeats.length; i++) {
            result = Joins.repeat(result, Dimensions.axis(i, result.rank()), repeats[i]);
        }
        return wrap(result);
    }

    @Override
    public NpuNDArray repeat(Shape desiredShape) {
        return repeat(Reorder.repeatsToReach(getShape(), desiredShape));
    }

    @Override
    public NpuNDArray dot(NDArray other) {
        return wrap(LinearAlgebra.dot(tensor(), read(other)));
    }

    @Override
    public NpuNDArray matMul(NDArray other) {
        requireMatrices("matMul", other);
        return wrap(LinearAlgebra.matMul(tensor(), read(other)));
    }

    @Override
    public NpuNDArray batchMatMul(NDArray other) {
        requireMatrices("batchMatMul", other);
        return wrap(LinearAlgebra.matMul(tensor(), read(other)));
    }

    @Override
    public NpuNDArray batchDot(NDArray other) {
        requireMatrices("batchDot", other);
        return wrap(LinearAlgebra.matMul(tensor(), read(other)));
    }

    @Override
    public NpuNDArray inverse() {
        return wrap(LinearAlgebra.inverse(tensor()));
    }

    @Override
    public NpuNDArray diagonal() {
        return diagonal(0, 0, 1);
    }

    @Override
    public NpuNDArray diagonal(int offset) {
        return diagonal(offset, 0, 1);
    }

    @Override
    public NpuNDArray diagonal(int offset, int axis1, int axis2) {
        return wrap(LinearAlgebra.diagonal(tensor(), offset, axis(axis1), axis(axis2)));
    }

    @Override
    public NpuNDArray trace(int offset, int axis1, int axis2) {
        return diagonal(offset, axis1, axis2).sum(new int[] {-1}, false);
    }

    @Override
    public NpuNDArray fft(long length, long axis) {
        return wrap(Fourier.transform(tensor(), length, axis(axis), false));
    }

    @Override
    public NpuNDArray ifft(long length, long axis) {
        return wrap(Fourier.transform(tensor(), length, axis(axis), true));
    }

    @Override
    public NpuNDArray rfft(long length, long axis) {
        return wrap(Fourier.realTransform(tensor(), length, axis(axis)));
    }

    @Override
    public NpuNDArray irfft(long length, long axis) {
        return wrap(Fourier.inverseRealTransform(tensor(), length, axis(axis)));
    }

    @Override
    public NpuNDArray stft(
            long nFft,
            long hopLength,
            boolean center,
            NDArray window,
            boolean normalize,
            boolean returnComplex) {
        Tensor spectra =
                Fourier.shortTime(
                        tensor(),
                        Math.toIntExact(nFft),
                        Math.toIntExact(hopLength),
                        center,
                        read(window),
                        normalize);
        return wrap(returnComplex ? spectra : ComplexArithmetic.toPairs(spectra));
    }

    @Override
    public NpuNDArray fft2(long[] sizes, long[] axes) {
        Tensor result = tensor();
        for (int i = 0; i < axes.length; i++) {
            result = Fourier.transform(result, sizes[i], axis(axes[i]), false);
        }
        return wrap(result);
    }

    @Override
    public NpuNDArray ifft2(long[] sizes, long[] axes) {
        Tensor result = tensor();
        for (int i = 0; i < axes.length; i++) {
            result = Fourier.transform(result, sizes[i], axis(axes[i]), true);
        }
        return wrap(result);
    }

    @Override
    public NpuNDArray complex() {
        return wrap(ComplexArithmetic.fromPairs(tensor()));
    }

    @Override
    public NpuNDArray real() {
        return wrap(ComplexArithmetic.toPairs(tensor()));
    }

    @Override
    public NpuNDArray conj() {
        return wrap(ComplexArithmetic.conjugate(tensor()));
    }
}
