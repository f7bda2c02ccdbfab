package io.djlnpu.it.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every public method of NDArray on the NPU engine and on PyTorch, over shapes, types and edge
 * cases.
 */
class NdArrayDifferentialIT {

    private static final Recorder RECORDER = new Recorder();
    private static final List<ArrayCase> CASES = Catalogue.cases();
    private static final List<String> UNEXPLAINED = new ArrayList<>();
    private static final Set<String> USED_REASONS = new TreeSet<>();
    private static int explained;

    @BeforeAll
    static void runEveryCaseOnBothEngines() {
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        assumeTrue(
                system.equals("Linux amd64"),
                "this build brings PyTorch for Linux amd64 only, not for " + system);
        for (ArrayCase each : CASES) {
            Optional<String> difference = run(each, "NPU").differenceFrom(run(each, "PyTorch"));
            Optional<Difference> known = Difference.explaining(each.name());
            if (difference.isPresent() && known.isPresent()) {
                USED_REASONS.add(known.get().pattern());
                explained++;
            } else if (difference.isPresent()) {
                UNEXPLAINED.add(each.name() + ": " + difference.get());
            }
        }
        System.out.printf(
                "%d cases, %d equal, %d differ for a stated reason (%d reasons), %d unexplained%n",
                CASES.size(),
                CASES.size() - explained - UNEXPLAINED.size(),
                explained,
                USED_REASONS.size(),
                UNEXPLAINED.size());
    }

    private static Outcome run(ArrayCase each, String engine) {
        try (NDManager manager = Engine.getEngine(engine).newBaseManager()) {
            return Outcome.of(each.action().run(manager, RECORDER));
        } catch (RuntimeException | LinkageError e) {
            return Outcome.refused(e);
        }
    }

    @Test
    void noDifferenceIsUnexplained() {
        assertThat(UNEXPLAINED).isEmpty();
    }

    @Test
    void everyStatedReasonIsStillNeeded() {
        assertThat(Difference.patterns()).containsExactlyInAnyOrderElementsOf(USED_REASONS);
    }

    @Test
    void casesAreManyAndTheirNamesUnique() {
        assertThat(CASES).hasSizeGreaterThanOrEqualTo(600);
        assertThat(CASES).extracting(ArrayCase::name).doesNotHaveDuplicates();
    }

    @Test
    void everyPublicMethodIsCalled() {
        Set<String> all =
                Arrays.stream(NDArray.class.getMethods())
                        .filter(method -> !Modifier.isStatic(method.getModifiers()))
                        .map(Recorder::signature)
                        .collect(Collectors.toCollection(TreeSet::new));
        all.removeAll(RECORDER.called());
        assertThat(all).isEmpty();
    }
}
