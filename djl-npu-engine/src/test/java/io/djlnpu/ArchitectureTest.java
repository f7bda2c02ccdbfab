package io.djlnpu;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of docs/architecture.md. */
@AnalyzeClasses(packages = "io.djlnpu", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String[] DJL_SIDE = {
        "..engine..", "..translate..", "..zoo..", "..ndarray.."
    };

    @ArchTest
    static final ArchRule onlySimdTouchesTheVectorApi =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.djlnpu.simd..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("jdk.incubator..");

    @ArchTest
    static final ArchRule onlyTheDjlSideImportsDjl =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(DJL_SIDE)
                    .and()
                    .resideOutsideOfPackage("io.djlnpu.generate..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("ai.djl..");

    @ArchTest
    static final ArchRule generationTakesNothingButTheTokenizerFromDjl =
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
                            "ai.djl.nn..");

    @ArchTest
    static final ArchRule nothingLooksUpward =
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
                            "io.djlnpu.gemma3..",
                            "io.djlnpu.generate..",
                            "io.djlnpu.engine..",
                            "io.djlnpu.translate..",
                            "io.djlnpu.zoo..",
                            "io.djlnpu.ndarray..");

    @ArchTest
    static final ArchRule timingReadsPlansAndRunsNothing =
            noClasses()
                    .that()
                    .resideInAPackage("io.djlnpu.timing..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.djlnpu.kernel..", "io.djlnpu.simd..");

    @ArchTest
    static final ArchRule noPackageCycles =
            slices().matching("io.djlnpu.(*)..").should().beFreeOfCycles();
}
