package io.djlnpu;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows of docs/architecture.md. */
class ArchitectureTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.djlnpu");

    private static final String[] DJL_SIDE = {
        "io.djlnpu.engine..", "io.djlnpu.translate..", "io.djlnpu.zoo..", "io.djlnpu.ndarray.."
    };

    @Test
    void onlySimdTouchesTheVectorApi() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.djlnpu.simd..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator..")
                .check(CLASSES);
    }

    @Test
    void onlyTheDjlSideImportsDjl() {
        noClasses()
                .that()
                .resideOutsideOfPackages(DJL_SIDE)
                .and()
                .resideOutsideOfPackage("io.djlnpu.generate..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .check(CLASSES);
    }

    @Test
    void generationTakesNothingButTheTokenizerFromDjl() {
        noClasses()
                .that()
                .resideInAPackage("io.djlnpu.generate..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "ai.djl",
                        "ai.djl.ndarray..",
                        "ai.djl.engine..",
                        "ai.djl.inference..",
                        "ai.djl.translate..",
                        "ai.djl.repository..",
                        "ai.djl.nn..")
                .check(CLASSES);
    }

    @Test
    void kernelsLookDownOnly() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.djlnpu.kernel..",
                        "io.djlnpu.simd..",
                        "io.djlnpu.tile..",
                        "io.djlnpu.timing..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.djlnpu.siglip..",
                        "io.djlnpu.decoder..",
                        "io.djlnpu.generate..",
                        "io.djlnpu.engine..",
                        "io.djlnpu.translate..",
                        "io.djlnpu.zoo..",
                        "io.djlnpu.ndarray..")
                .check(CLASSES);
    }

    @Test
    void timingReadsPlansAndRunsNothing() {
        noClasses()
                .that()
                .resideInAPackage("io.djlnpu.timing..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.djlnpu.kernel..", "io.djlnpu.simd..")
                .check(CLASSES);
    }

    /** So its time can be held against the price. */
    @Test
    void theMachineKnowsNoPrice() {
        noClasses()
                .that()
                .resideInAPackage("io.djlnpu.machine..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.djlnpu..")
                                .and(
                                        not(
                                                resideInAnyPackage(
                                                        "io.djlnpu.machine..",
                                                        "io.djlnpu.aie2p..",
                                                        "io.djlnpu.tile..",
                                                        "io.djlnpu.q4nx.."))))
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("io.djlnpu.tile.(DataflowPlan|Pipeline|Work|RoundWalk)")
                .check(CLASSES);
    }

    @Test
    void arithmeticKnowsNothingButFormats() {
        noClasses()
                .that()
                .resideInAPackage("io.djlnpu.aie2p..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.djlnpu..")
                                .and(
                                        not(
                                                resideInAnyPackage(
                                                        "io.djlnpu.aie2p..",
                                                        "io.djlnpu.numeric..",
                                                        "io.djlnpu.q4nx.."))))
                .check(CLASSES);
    }

    @Test
    void picturesKnowNothingOfModels() {
        noClasses()
                .that()
                .resideInAPackage("io.djlnpu.vision..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.djlnpu..")
                                .and(
                                        not(
                                                resideInAnyPackage(
                                                        "io.djlnpu.vision..",
                                                        "io.djlnpu.format.."))))
                .check(CLASSES);
    }

    /** A template is a stranger's program: what it could reach is what the interpreter can. */
    @Test
    void templatesReachNothing() {
        noClasses()
                .that()
                .resideInAPackage("io.djlnpu.template..")
                .should()
                .dependOnClassesThat(
                        not(
                                resideInAnyPackage(
                                        "io.djlnpu.template..",
                                        "com.google.gson..",
                                        "java.lang",
                                        "java.lang.invoke",
                                        "java.math..",
                                        "java.nio.charset..",
                                        "java.time..",
                                        "java.util..")))
                .check(CLASSES);
    }

    /** Of the importer others use the opener and its report. */
    @Test
    void theImportersPartsAreItsOwn() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.djlnpu.onnx..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.djlnpu.onnx.check..",
                        "io.djlnpu.onnx.configuration..",
                        "io.djlnpu.onnx.files..",
                        "io.djlnpu.onnx.naming..",
                        "io.djlnpu.onnx.structure..",
                        "io.djlnpu.onnx.vision..")
                .check(CLASSES);
        slices().matching("io.djlnpu.onnx.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void aProgramKnowsNoReading() {
        noClasses()
                .that()
                .resideInAPackage("io.djlnpu.program..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.djlnpu..")
                                .and(
                                        not(
                                                resideInAnyPackage(
                                                        "io.djlnpu.program..",
                                                        "io.djlnpu.bundle.."))))
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.djlnpu.(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
