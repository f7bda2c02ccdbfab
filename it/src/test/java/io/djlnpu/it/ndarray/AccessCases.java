package io.djlnpu.it.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;

/** Reading contents and properties, comparing, life cycle, creation. */
final class AccessCases {

    private AccessCases() {}

    static void addTo(Catalogue catalogue) {
        Map<String, Function<NDArray, Object>> any = Catalogue.map();
        any.put("getShape", a -> a.getShape().toString());
        any.put("getDataType", NDArray::getDataType);
        any.put("size", NDArray::size);
        any.put("isScalar", NDArray::isScalar);
        any.put("isEmpty", NDArray::isEmpty);
        any.put("isSparse", NDArray::isSparse);
        any.put("getSparseFormat", NDArray::getSparseFormat);
        any.put("toArray", NDArray::toArray);
        any.put("toByteArray", NDArray::toByteArray);
        any.put("toByteBuffer", a -> a.toByteBuffer().remaining());
        any.put("toByteBuffer direct", a -> a.toByteBuffer(true).remaining());
        any.put("toFloatArray", NDArray::toFloatArray);
        any.put("toDoubleArray", NDArray::toDoubleArray);
        any.put("toIntArray", NDArray::toIntArray);
        any.put("toLongArray", NDArray::toLongArray);
        any.put("toBooleanArray", NDArray::toBooleanArray);
        any.put("toUint8Array", NDArray::toUint8Array);
        any.put("toShortArray", NDArray::toShortArray);
        any.put("toUnsignedShortArray", NDArray::toUnsignedShortArray);
        any.put("toUnsignedIntArray", NDArray::toUnsignedIntArray);
        any.put("encode", a -> NDArray.decode(a.getManager(), a.encode()));
        any.put("contentEquals itself", a -> a.contentEquals(a.duplicate()));
        any.put("contentEquals number", a -> a.contentEquals(1));
        any.put("contentEquals other", a -> a.contentEquals(a.onesLike()));
        any.put("shapeEquals", a -> a.shapeEquals(a.duplicate()));
        any.put("allClose", a -> a.allClose(a.duplicate()));
        any.put("allClose within", a -> a.allClose(a.duplicate(), 1e-3, 1e-3, true));
        any.put(
                "toDebugString",
                a -> a.toDebugString(false).replaceAll("(npu|cpu)\\(\\d?\\)", "device"));
        any.put(
                "toDebugString content",
                a -> a.toDebugString().replaceAll("(npu|cpu)\\(\\d?\\)", "device"));
        any.put(
                "toDebugString limited",
                a -> a.toDebugString(4, 2, 2, 2, true).replaceAll("(npu|cpu)\\(\\d?\\)", "device"));
        any.put("hasGradient", NDArray::hasGradient);
        any.put("isReleased", NDArray::isReleased);
        any.put("getResourceNDArrays", a -> a.getResourceNDArrays().size());
        catalogue.cross(any);

        Function<NDManager, NDArray> vector = m -> Samples.counting(m, 4);
        Map<String, Function<NDArray, Object>> single = Catalogue.map();
        single.put("getAsBytes", NDArray::getAsBytes);
        single.put("getAsObject", a -> a.getAsObject() instanceof NDArray);
        single.put("getAsString", a -> a.getAsString().isEmpty());
        single.put("size axis", a -> a.size(0));
        single.put(
                "name",
                a -> {
                    a.setName("x");
                    return a.getName() + a.duplicate().getName();
                });
        single.put("getName of none", NDArray::getName);
        single.put("getUid", a -> a.getUid().isEmpty());
        single.put("getDevice", a -> a.getDevice().equals(a.getManager().getDevice()));
        single.put("toDevice", a -> a.toDevice(a.getDevice(), true));
        single.put("toStringArray", NDArray::toStringArray);
        single.put("toStringArray charset", a -> a.toStringArray(StandardCharsets.UTF_8));
        single.put("getFloat", a -> a.getFloat(2));
        single.put("getDouble", a -> a.toType(DataType.FLOAT64, false).getDouble(2));
        single.put("getDouble mismatch", a -> a.getDouble(2));
        single.put("getLong mismatch", a -> a.getLong(2));
        single.put("getInt mismatch", a -> a.getInt(2));
        single.put("getByte", a -> a.getByte(2));
        single.put("getUint8", a -> a.getUint8(2));
        single.put("getBoolean mismatch", a -> a.getBoolean(2));
        single.put("getScalar", a -> a.getScalar(1));
        single.put("getScalar out of range", a -> a.getScalar(9));
        single.put("getScalar of many", a -> a.reshape(2, 2).getScalar(0));
        single.put("set floats", a -> changed(a, () -> a.set(new float[] {9, 8, 7, 6})));
        single.put("set too few", a -> changed(a, () -> a.set(new float[] {9, 8})));
        single.put("set ints mismatch", a -> changed(a, () -> a.set(new int[] {9, 8, 7, 6})));
        single.put("set doubles mismatch", a -> changed(a, () -> a.set(new double[] {9, 8, 7, 6})));
        single.put("set longs mismatch", a -> changed(a, () -> a.set(new long[] {9, 8, 7, 6})));
        single.put("set bytes", a -> changed(a, () -> a.set(new byte[16])));
        single.put(
                "set buffer",
                a -> changed(a, () -> a.set(FloatBuffer.wrap(new float[] {5, 4, 3, 2}))));
        single.put(
                "close",
                a -> {
                    a.close();
                    return a.isReleased();
                });
        single.put(
                "use after close",
                a -> {
                    a.close();
                    return a.add(1);
                });
        single.put(
                "attach",
                a -> {
                    a.attach(a.getManager().newSubManager());
                    return a.isReleased();
                });
        single.put(
                "returnResource",
                a -> {
                    a.returnResource(a.getManager().newSubManager());
                    return a.isReleased();
                });
        single.put(
                "tempAttach",
                a -> {
                    NDManager sub = a.getManager().newSubManager();
                    a.tempAttach(sub);
                    sub.close();
                    return a.isReleased();
                });
        single.put(
                "detach",
                a -> {
                    NDManager before = a.getManager();
                    a.detach();
                    boolean moved = before != a.getManager();
                    a.close();
                    return moved;
                });
        single.put("intern", a -> changed(a, () -> a.intern(a.mul(3))));
        single.put(
                "setRequiresGradient false", a -> changed(a, () -> a.setRequiresGradient(false)));
        single.put(
                "setRequiresGradient",
                a -> {
                    a.setRequiresGradient(true);
                    return a.hasGradient();
                });
        single.put("getGradient of none", NDArray::getGradient);
        single.put("getNDArrayInternal", a -> a.getNDArrayInternal().getArray());
        single.put("toSparse", a -> a.toSparse(SparseFormat.COO).isSparse());
        single.put("toSparse dense", a -> a.toSparse(SparseFormat.DENSE));
        single.put(
                "copyTo",
                a -> {
                    NDArray b = a.zerosLike();
                    a.copyTo(b);
                    return b;
                });
        single.put(
                "view of slice",
                a -> {
                    a.get("1:3").addi(10);
                    return a;
                });
        single.put(
                "view of reshape",
                a -> {
                    a.reshape(2, 2).addi(10);
                    return a;
                });
        single.put("equals", a -> a.duplicate().equals(a.duplicate()));
        single.forEach((name, operation) -> catalogue.add(name, vector, operation));
        catalogue.add("getLong", m -> m.create(new long[] {1, 2}), a -> a.getLong(1));
        catalogue.add("getInt", m -> m.create(new int[] {1, 2}), a -> a.getInt(1));
        catalogue.add(
                "getBoolean", m -> m.create(new boolean[] {false, true}), a -> a.getBoolean(1));
        catalogue.add(
                "set ints",
                m -> m.create(new int[2]),
                a -> changed(a, () -> a.set(new int[] {1, 2})));
        catalogue.add(
                "set longs",
                m -> m.create(new long[2]),
                a -> changed(a, () -> a.set(new long[] {1, 2})));
        catalogue.add(
                "set doubles",
                m -> m.create(new double[2]),
                a -> changed(a, () -> a.set(new double[] {1, 2})));
        catalogue.add("strings", m -> m.create(new String[] {"a", "b"}), a -> a.toStringArray());
        catalogue.add(
                "getManager",
                (m, recorder) -> recorder.watch(m.ones(new Shape(1))).getManager() == m);
        addCreation(catalogue);
    }

    private static NDArray changed(NDArray array, Runnable change) {
        change.run();
        return array;
    }

    private static void addCreation(Catalogue catalogue) {
        Map<String, Function<NDManager, Object>> creation = Catalogue.map();
        creation.put("arange int", m -> m.arange(2, 11, 3));
        creation.put("arange down", m -> m.arange(5f, 0f, -1.5f));
        creation.put("arange wrong way", m -> m.arange(5, 0, 1));
        creation.put("arange fraction", m -> m.arange(0f, 1f, 0.3f));
        creation.put("arange of int64", m -> m.arange(0, 4, 1, DataType.INT64));
        creation.put("eye", m -> m.eye(3));
        creation.put("eye wide", m -> m.eye(2, 3, 0, DataType.INT32));
        creation.put("eye above", m -> m.eye(3, 3, 1));
        creation.put("linspace", m -> m.linspace(0f, 1f, 5));
        creation.put("linspace one", m -> m.linspace(3f, 9f, 1));
        creation.put("linspace open", m -> m.linspace(0f, 1f, 4, false));
        creation.put("full int", m -> m.full(new Shape(2), 7));
        creation.put("full float", m -> m.full(new Shape(2), 7.5f));
        creation.put("full bool", m -> m.full(new Shape(2), 1, DataType.BOOLEAN));
        creation.put("ones bool", m -> m.ones(new Shape(2), DataType.BOOLEAN));
        creation.put("zeros empty", m -> m.zeros(new Shape(0, 3)));
        creation.put("create empty", m -> m.create(new Shape(2, 3)).getShape().toString());
        creation.put("create byte", m -> m.create((byte) 3));
        creation.put("create bool", m -> m.create(true));
        creation.put("create matrix", m -> m.create(new int[][] {{1, 2}, {3, 4}}));
        creation.put("create too small", m -> m.create(new float[] {1}, new Shape(2)));
        creation.put("hanningWindow", m -> m.hanningWindow(6));
        creation.put("randomPermutation sorted", m -> m.randomPermutation(20).sort());
        creation.put(
                "randomInteger range",
                m -> m.randomInteger(3, 5, new Shape(50), DataType.INT64).min());
        creation.put("randomUniform range", m -> m.randomUniform(2, 3, new Shape(50)).floor());
        creation.put(
                "randomNormal shape", m -> m.randomNormal(new Shape(3, 2)).getShape().toString());
        creation.put(
                "truncatedNormal range", m -> m.truncatedNormal(new Shape(200)).abs().lte(2).all());
        creation.put(
                "randomMultinomial", m -> m.randomMultinomial(10, m.create(new float[] {0, 1, 0})));
        creation.put(
                "sampleNormal", m -> m.sampleNormal(m.zeros(new Shape(2)), m.zeros(new Shape(2))));
        creation.put("samplePoisson", m -> m.samplePoisson(m.zeros(new Shape(2))));
        creation.put(
                "sampleGamma",
                m -> m.sampleGamma(m.ones(new Shape(2)), m.ones(new Shape(2))).gt(0));
        creation.forEach(
                (name, create) ->
                        catalogue.add(name, (manager, recorder) -> create.apply(manager)));
    }
}
