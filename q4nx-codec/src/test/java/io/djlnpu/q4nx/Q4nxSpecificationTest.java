package io.djlnpu.q4nx;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Every sentence of {@link Q4nxFormat}'s page has a test, in the page's order, and no other. */
class Q4nxSpecificationTest {

    @Test
    void everySentenceIsAsserted() throws Exception {
        List<String> asserted = new ArrayList<>();
        for (Class<?> tests : List.of(Q4nxFormatTest.class, Q4nxContainerTest.class)) {
            Arrays.stream(tests.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Test.class))
                    .sorted(Comparator.comparingInt(Q4nxSpecificationTest::order))
                    .forEach(
                            test ->
                                    asserted.addAll(
                                            List.of(test.getAnnotation(Says.class).value())));
        }
        assertThat(asserted).isEqualTo(sentences());
    }

    private static int order(Method test) {
        return test.getAnnotation(Order.class).value();
    }

    private static List<String> sentences() throws Exception {
        String source = Files.readString(Path.of("src/main/java/io/djlnpu/q4nx/Q4nxFormat.java"));
        String page =
                source.substring(source.indexOf("/**") + 3, source.indexOf("*/"))
                        .replaceAll("\\n \\*", "\n")
                        .replaceAll("<h2>.*?</h2>", "\n\n")
                        .replaceAll("</?(ol|ul|li|p)>", "\n\n")
                        .replaceAll("</?em>", "")
                        .replaceAll("\\{@(?:code|link)\\s+([^}]*)}", "$1");
        List<String> sentences = new ArrayList<>();
        for (String paragraph : page.split("\\n\\s*\\n")) {
            String line = paragraph.strip().replaceAll("\\s+", " ");
            if (!line.isEmpty()) {
                sentences.addAll(List.of(line.split("(?<=\\.) (?=[A-Z])")));
            }
        }
        return sentences;
    }
}
