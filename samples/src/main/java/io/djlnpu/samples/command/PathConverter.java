package io.djlnpu.samples.command;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads paths; an empty one, usually a variable that is not set, is not the current folder. */
public final class PathConverter implements ITypeConverter<Path> {

    /** Constructs the converter. */
    public PathConverter() {}

    @Override
    public Path convert(String text) {
        if (text.isBlank()) {
            throw new TypeConversionException("'" + text + "' is no path; '.' is this folder");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new TypeConversionException("'" + text + "' is no path: " + e.getReason());
        }
    }
}
