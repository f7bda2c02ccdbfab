package io.djlnpu.vision;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a long picture into crops side by side, so that the model sees details that one square would
 * lose.
 *
 * @param enabled whether pictures are cut at all
 * @param minCropSize no crop has a side below this, in pixels
 * @param maxCrops crops of one picture at most
 * @param minRatio long side by short side from which a picture is cut
 */
public record PanAndScan(boolean enabled, int minCropSize, int maxCrops, double minRatio) {

    /** Gemma 3's values, not in use. */
    public static final PanAndScan OFF = new PanAndScan(false, 256, 4, 1.2);

    /** Gemma 3's values, in use. */
    public static final PanAndScan ON = new PanAndScan(true, 256, 4, 1.2);

    /** Checks the values. */
    public PanAndScan {
        if (minCropSize < 1 || maxCrops < 1 || !(minRatio >= 1)) {
            throw new IllegalArgumentException(
                    "crops of at least %d pixels, at most %d, from a ratio of %s; expected 1 or more of each"
                            .formatted(minCropSize, maxCrops, minRatio));
        }
    }

    static PanAndScan of(JsonObject json) {
        return new PanAndScan(
                ImageSettings.flag(json, "do_pan_and_scan", false),
                ImageSettings.has(json, "pan_and_scan_min_crop_size")
                        ? json.get("pan_and_scan_min_crop_size").getAsInt()
                        : OFF.minCropSize,
                ImageSettings.has(json, "pan_and_scan_max_num_crops")
                        ? json.get("pan_and_scan_max_num_crops").getAsInt()
                        : OFF.maxCrops,
                ImageSettings.has(json, "pan_and_scan_min_ratio_to_activate")
                        ? json.get("pan_and_scan_min_ratio_to_activate").getAsDouble()
                        : OFF.minRatio);
    }

    /** The crops, from left to right or from the top; none if the picture is not long enough. */
    List<RgbImage> crops(RgbImage image) {
        boolean wide = image.width() >= image.height();
        int along = wide ? image.width() : image.height();
        int across = wide ? image.height() : image.width();
        double ratio = (double) along / across;
        if (!enabled || ratio < minRatio) {
            return List.of();
        }
        int wanted = Math.min(along / minCropSize, (int) Math.floor(ratio + 0.5));
        int count = Math.min(maxCrops, Math.max(2, wanted));
        int size = Math.ceilDiv(along, count);
        if (Math.min(size, across) < minCropSize) {
            return List.of();
        }
        List<RgbImage> crops = new ArrayList<>();
        for (int i = 0; i < count && i * size < along; i++) {
            crops.add(
                    wide
                            ? image.crop(i * size, 0, size, across)
                            : image.crop(0, i * size, across, size));
        }
        return crops;
    }
}
