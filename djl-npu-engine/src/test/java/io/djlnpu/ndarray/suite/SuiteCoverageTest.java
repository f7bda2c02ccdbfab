package io.djlnpu.ndarray.suite;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The table in {@code docs/djl.md} counts what the classes hold. */
class SuiteCoverageTest {

    private static final List<Class<?>> CLASSES =
            List.of(
                    NDArrayAttachmentBehaviourTest.class,
                    NDArrayCreationOpBehaviourTest.class,
                    NDArrayElementArithmeticOpBehaviourTest.class,
                    NDArrayElementComparisonOpBehaviourTest.class,
                    NDArrayLogicalOpBehaviourTest.class,
                    NDArrayNumericOpBehaviourTest.class,
                    NDArrayOtherOpBehaviourTest.class,
                    NDArrayReductionOpBehaviourTest.class,
                    NDArrayShapesManipulationOpBehaviourTest.class,
                    NDIndexBehaviourTest.class,
                    NDListBehaviourTest.class);

    private record Row(String name, long counterparts, long contract, long refused) {

        static Row of(Class<?> type) {
            long all = count(type, null);
            long contract = count(type, "contract");
            long refused = count(type, "refused");
            String name = type.getSimpleName().replace("Behaviour", "");
            return new Row(name, all - contract - refused, contract, refused);
        }

        private static long count(Class<?> type, String tag) {
            return Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Test.class))
                    .filter(method -> tag == null || tagged(method, tag))
                    .count();
        }

        private static boolean tagged(Method method, String tag) {
            return method.isAnnotationPresent(Tag.class)
                    && method.getAnnotation(Tag.class).value().equals(tag);
        }

        String line() {
            return "| `%s` | %d | %d | %d |".formatted(name, counterparts, contract, refused);
        }
    }

    @Test
    void tableOfTheDocumentIsTrue() throws IOException {
        String document = Files.readString(Path.of("..", "docs", "djl.md"));
        for (Class<?> type : CLASSES) {
            assertThat(document).contains(Row.of(type).line());
        }
    }

    @Test
    void noOtherEngineHelps() {
        assertThat(Engine.getAllEngines()).containsOnlyOnce("NPU").doesNotContain("PyTorch");
    }

    @Test
    void asManyAsDjlHasAndMostOfThemPass() {
        List<Row> rows = CLASSES.stream().map(Row::of).toList();
        long counterparts = rows.stream().mapToLong(Row::counterparts).sum();
        long contract = rows.stream().mapToLong(Row::contract).sum();
        long refused = rows.stream().mapToLong(Row::refused).sum();
        System.out.printf(
                "%d counterparts, %d of the contract, %d refused%n",
                counterparts, contract, refused);
        assertThat(counterparts + contract + refused).isEqualTo(188);
        assertThat(counterparts).isGreaterThanOrEqualTo(160);
    }
}
