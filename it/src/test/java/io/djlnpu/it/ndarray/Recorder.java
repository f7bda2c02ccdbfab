package io.djlnpu.it.ndarray;

import ai.djl.ndarray.NDArray;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/** Notes which methods of NDArray the cases call. */
final class Recorder {

    private final Set<String> called = new TreeSet<>();

    /** An array that notes each call and hands it on to {@code array}. */
    NDArray watch(NDArray array) {
        return (NDArray)
                Proxy.newProxyInstance(
                        NDArray.class.getClassLoader(),
                        new Class<?>[] {NDArray.class},
                        (proxy, method, arguments) -> call(array, method, arguments));
    }

    private Object call(NDArray array, Method method, Object... arguments) throws Throwable {
        called.add(signature(method));
        try {
            return method.invoke(array, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    static String signature(Method method) {
        return method.getName()
                + Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).toList();
    }

    Set<String> called() {
        return called;
    }
}
