import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Closes a build with what its tests skipped, and why: {@code java dev/SkippedTests.java [ROOT]}. Reads the
 * modules' Surefire reports.
 */
final class SkippedTests {

    private int tests;
    private int skipped;
    private final Map<String, List<String>> classesByReason = new TreeMap<>();

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments.length > 0 ? arguments[0] : ".");
        SkippedTests summary = new SkippedTests();
        for (Path report : reports(root)) {
            summary.read(report);
        }
        summary.print();
    }

    private static List<Path> reports(Path root) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path module : modules.sorted().toList()) {
                Path folder = module.resolve("target/surefire-reports");
                if (Files.isDirectory(folder)) {
                    try (Stream<Path> files = Files.list(folder)) {
                        files.filter(f -> f.getFileName().toString().matches("TEST-.*\\.xml")).sorted().forEach(found::add);
                    }
                }
            }
        }
        return found;
    }

    private void read(Path report) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Element suite = factory.newDocumentBuilder().parse(report.toFile()).getDocumentElement();
        tests += Integer.parseInt(suite.getAttribute("tests"));
        NodeList marks = suite.getElementsByTagName("skipped");
        skipped += marks.getLength();
        String name = suite.getAttribute("name");
        String className = name.substring(name.lastIndexOf('.') + 1);
        for (int i = 0; i < marks.getLength(); i++) {
            String reason = kind(((Element) marks.item(i)).getAttribute("message"));
            List<String> classes = classesByReason.computeIfAbsent(reason, r -> new ArrayList<>());
            if (!classes.contains(className)) {
                classes.add(className);
            }
        }
    }

    private static String kind(String message) {
        return message.contains("fixtures") ? "fixtures not found; see docs/fixtures.md" : message.strip();
    }

    private void print() {
        System.out.printf("%d tests, %d skipped%n", tests, skipped);
        classesByReason.forEach(
                (reason, classes) -> {
                    System.out.printf("%d test classes skipped in whole or in part: %s%n", classes.size(), reason);
                    System.out.println("    " + String.join(", ", classes));
                });
    }
}
