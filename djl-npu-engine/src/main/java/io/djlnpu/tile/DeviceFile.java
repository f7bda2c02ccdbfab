package io.djlnpu.tile;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A device as a JSON file: every constant with value, confidence and source. */
public final class DeviceFile {

    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

    private DeviceFile() {}

    /**
     * Writes a device, for someone to change.
     *
     * @param device the device
     * @param file where to; replaced if it exists
     * @throws IOException if it cannot be written
     */
    public static void write(NpuDevice device, Path file) throws IOException {
        Files.writeString(file, GSON.toJson(device) + "\n");
    }

    /**
     * Reads a device.
     *
     * @param file the file
     * @return the device
     * @throws ModelFormatException if it is no device, or a number is missing or not positive
     * @throws IOException if it cannot be read
     */
    public static NpuDevice read(Path file) throws IOException {
        try {
            NpuDevice device = GSON.fromJson(Files.readString(file), NpuDevice.class);
            if (device == null) {
                throw new IllegalArgumentException("the file is empty");
            }
            return device;
        } catch (JsonParseException | IllegalArgumentException | NullPointerException e) {
            throw new ModelFormatException(
                    Code.MALFORMED, file + ": not a device: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // Gson wraps what a record's constructor throws
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ModelFormatException(
                    Code.MALFORMED, file + ": not a device: " + cause.getMessage(), e);
        }
    }
}
