package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The list of all dependencies that the build writes, held to what is allowed; needs no network.
 */
class DependenciesIT {

    private static final List<JsonObject> COMPONENTS = new ArrayList<>();

    @BeforeAll
    static void read() throws IOException {
        Path list = Path.of("..", "target", "bom.json");
        assumeTrue(Files.exists(list), "skipped: no target/bom.json; ./mvnw verify writes it");
        JsonObject bom = JsonParser.parseString(Files.readString(list)).getAsJsonObject();
        bom.getAsJsonArray("components").forEach(c -> COMPONENTS.add(c.getAsJsonObject()));
        assertThat(COMPONENTS).hasSizeGreaterThan(10);
    }

    private static List<String> lines(String file) throws IOException {
        try (InputStream in = DependenciesIT.class.getResourceAsStream("/dependencies/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }

    private static String name(JsonObject component) {
        return component.get("group").getAsString() + ":" + component.get("name").getAsString();
    }

    private static Set<String> licences(JsonObject component) {
        JsonArray stated = component.getAsJsonArray("licenses");
        return stated == null
                ? Set.of()
                : StreamSupport.stream(stated.spliterator(), false)
                        .map(JsonElement::getAsJsonObject)
                        .filter(licence -> licence.has("license"))
                        .map(licence -> licence.getAsJsonObject("license"))
                        .map(licence -> licence.get(licence.has("id") ? "id" : "name"))
                        .map(JsonElement::getAsString)
                        .collect(Collectors.toSet());
    }

    @Test
    void everyLicenceIsAllowedByName() throws IOException {
        List<String> allowed = lines("licences.txt");
        for (JsonObject component : COMPONENTS) {
            boolean named =
                    allowed.stream().anyMatch(line -> line.startsWith(name(component) + " "));
            Set<String> licences = licences(component);
            assertThat(named || licences.stream().anyMatch(allowed::contains))
                    .as("%s has %s", name(component), licences)
                    .isTrue();
        }
    }

    @Test
    void noDependencyHasAKnownFault() throws IOException {
        for (String advisory : lines("advisories.txt")) {
            String[] parts = advisory.split(" ", 3);
            for (JsonObject component : COMPONENTS) {
                if (name(component).equals(parts[0])) {
                    String version = component.get("version").getAsString();
                    assertThat(isBefore(version, parts[1]))
                            .as("%s: %s", version, advisory)
                            .isFalse();
                }
            }
        }
    }

    private static boolean isBefore(String version, String other) {
        String[] one = version.split("[^0-9]+");
        String[] two = other.split("[^0-9]+");
        for (int i = 0; i < Math.max(one.length, two.length); i++) {
            int a = i < one.length && !one[i].isEmpty() ? Integer.parseInt(one[i]) : 0;
            int b = i < two.length && !two[i].isEmpty() ? Integer.parseInt(two[i]) : 0;
            if (a != b) {
                return a < b;
            }
        }
        return false;
    }
}
