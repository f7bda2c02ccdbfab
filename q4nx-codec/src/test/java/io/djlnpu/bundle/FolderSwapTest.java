package io.djlnpu.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a conversion may remove, and what stays whoever asks for it. */
class FolderSwapTest {

    private static final BundleOptions REPLACE = BundleOptions.defaults().withReplace(true);

    @TempDir Path folder;

    @Test
    void onlyABundleIsReplaced() throws IOException {
        Path mine = Files.createDirectory(folder.resolve("mine"));
        Path precious = Files.writeString(mine.resolve("thesis.txt"), "precious");
        assertRefused(() -> BundleWriter.write(new TinyModel(), mine, REPLACE), "no bundle");
        assertRefused(() -> BundleWriter.write(new TinyModel(), precious, REPLACE), "no bundle");
        assertThat(precious).hasContent("precious");
        assertThat(entries(folder)).containsExactly(mine);
        assertThat(entries(mine)).containsExactly(precious);
    }

    @Test
    void anEmptyFolderIsFilledAndABundleMadeAnew() throws IOException {
        Path target = Files.createDirectory(folder.resolve("bundle"));
        for (int vocabulary : new int[] {64, 96}) {
            BundleWriter.write(new TinyModel(vocabulary), target, REPLACE);
            try (ModelBundle bundle = ModelBundle.open(target)) {
                assertThat(bundle.config().vocabSize()).isEqualTo(vocabulary);
            }
        }
        assertThat(entries(folder)).containsExactly(target);
    }

    @Test
    void aSourceInsideTheTargetStays() throws IOException {
        Path target = folder.resolve("bundle");
        BundleWriter.write(new TinyModel(), target, BundleOptions.defaults());
        Path inside = Files.writeString(target.resolve("model.onnx"), "the source");
        Path elsewhere = Files.writeString(folder.resolve("data"), "linked to");
        Path link = Files.createSymbolicLink(target.resolve("model.onnx.data"), elsewhere);
        Path detour = Files.createSymbolicLink(folder.resolve("detour.onnx"), inside);
        for (Path source : List.of(inside, link, detour)) {
            assertRefused(
                    () -> new FolderSwap(target, true, List.of(source)).close(),
                    "holds the source " + source);
        }
        assertThat(inside).hasContent("the source");
        assertThat(link).hasContent("linked to");
        new FolderSwap(target, true, List.of(elsewhere)).close();
    }

    @Test
    void whatNoConversionLeftBesideTheTargetStays() throws IOException {
        Path target = folder.resolve("bundle");
        for (String name : List.of(".bundle.building", ".bundle.replaced", ".bundle.lock")) {
            Path other = folder.resolve(name);
            if (name.endsWith("lock")) {
                Files.writeString(other, "somebody else's");
            } else {
                Files.writeString(Files.createDirectory(other).resolve("mine"), "mine");
            }
            assertRefused(
                    () -> BundleWriter.write(new TinyModel(), target, REPLACE),
                    name + " is in the way");
            assertThat(entries(folder)).containsExactly(other);
            if (Files.isDirectory(other)) {
                Files.delete(other.resolve("mine"));
            }
            Files.delete(other);
        }
    }

    @Test
    void oneConversionAtATimeWorksOnATarget() throws IOException {
        Path target = folder.resolve("bundle");
        try (FolderSwap first = new FolderSwap(target, true, List.of())) {
            Files.writeString(first.folder().resolve(ModelBundle.WEIGHTS_FILE), "first");
            assertRefused(
                    () -> BundleWriter.write(new TinyModel(), target, REPLACE),
                    "another conversion to " + target);
            first.commit();
        }
        assertThat(target.resolve(ModelBundle.WEIGHTS_FILE)).hasContent("first");
        assertThat(entries(folder)).containsExactly(target);
    }

    /** Starts a folder in a process of its own and waits to be told to end. */
    static final class Other {

        private Other() {}

        public static void main(String[] arguments) throws IOException {
            try (FolderSwap swap = new FolderSwap(Path.of(arguments[0]), true, List.of())) {
                System.out.println(swap.folder());
                System.out.flush();
                System.in.read();
            }
        }
    }

    @Test
    void aConversionInAnotherProcessIsLeftAlone() throws Exception {
        Path target = folder.resolve("bundle");
        Process other =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Other.class.getName(),
                                target.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        assertThat(other.inputReader().readLine()).endsWith(".bundle.building");
        assertRefused(
                () -> BundleWriter.write(new TinyModel(), target, REPLACE),
                "another conversion to " + target);
        assertThat(folder.resolve(".bundle.building")).exists();
        other.outputWriter().close();
        assertThat(other.waitFor()).isZero();
        BundleWriter.write(new TinyModel(), target, REPLACE);
        assertThat(entries(folder)).containsExactly(target);
    }

    @Test
    void whatAKilledConversionLeftIsCleared() throws Exception {
        Path target = folder.resolve("bundle");
        FolderSwap killed = new FolderSwap(target, true, List.of());
        Files.writeString(killed.folder().resolve("half"), "a weight");
        byte[] mark = Files.readAllBytes(folder.resolve(".bundle.lock"));
        killed.close();
        Files.write(folder.resolve(".bundle.lock"), mark);
        Files.writeString(
                Files.createDirectory(folder.resolve(".bundle.building")).resolve("half"), "");
        BundleWriter.write(new TinyModel(), target, REPLACE);
        assertThat(entries(folder)).containsExactly(target);
    }

    /** A rename that is on the disk before the bytes would name a bundle of empty files. */
    @Test
    void everythingIsOnTheDiskBeforeItHasItsName() throws IOException {
        Path target = folder.resolve("bundle");
        List<String> steps = new ArrayList<>();
        FolderSwap.Flush recorded =
                path -> {
                    Fsync.force(path);
                    steps.add(folder.relativize(path) + (Files.exists(target) ? " named" : ""));
                };
        try (FolderSwap swap = new FolderSwap(target, false, List.of(), recorded)) {
            Files.writeString(swap.folder().resolve("config.json"), "{}");
            Files.createFile(swap.folder().resolve("empty")).toFile().setReadOnly();
            swap.commit();
        }
        assertThat(steps.subList(0, 2))
                .containsExactlyInAnyOrder(
                        ".bundle.building/config.json", ".bundle.building/empty");
        assertThat(steps.subList(2, steps.size())).containsExactly(".bundle.building", " named");
    }

    private static void assertRefused(ThrowingCallable action, String why) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        ModelFormatException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.TARGET_EXISTS))
                .hasMessageContaining(why);
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.toList();
        }
    }
}
