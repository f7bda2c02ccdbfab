package io.djlnpu.decoder;

import io.djlnpu.simd.Elementwise;
import io.djlnpu.simd.SimdProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** The scalar inner loops, whose element-wise ones fail while they are told to. */
final class FaultySimd {

    volatile boolean failing;

    SimdProvider provider() {
        SimdProvider scalar = SimdProvider.scalar();
        Elementwise elementwise =
                (Elementwise)
                        Proxy.newProxyInstance(
                                Elementwise.class.getClassLoader(),
                                new Class<?>[] {Elementwise.class},
                                (proxy, method, arguments) -> {
                                    if (failing) {
                                        throw new ArithmeticException("faulty");
                                    }
                                    try {
                                        return method.invoke(scalar.elementwise(), arguments);
                                    } catch (InvocationTargetException e) {
                                        throw e.getCause();
                                    }
                                });
        return new SimdProvider(
                "faulty",
                scalar.matrixVector(),
                scalar.panels(),
                scalar.attention(),
                elementwise,
                scalar.tokenPanels());
    }
}
