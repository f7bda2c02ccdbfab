package io.djlnpu.vision;

import java.util.Arrays;

/**
 * PIL's bilinear resize with antialiasing, bit for bit.
 *
 * <p><b>Numerics</b>: a triangle filter as wide as one output pixel covers in the input, at least 1
 * on each side; coefficients are normalised in double precision and rounded to 22 fractional bits.
 * First along rows, then along columns, each pass rounded to 8 bits. <b>Source</b>: Pillow, {@code
 * src/libImaging/Resample.c}.
 */
final class BilinearResize {

    /** 32 bits without the 8 of a sample and 2 for what filters overshoot. */
    private static final int PRECISION_BITS = 32 - 8 - 2;

    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private BilinearResize() {}

    /** Takes memory for the output and one row, however tall the picture is. */
    static RgbImage resize(RgbImage image, int width, int height) {
        Filter columns = new Filter(image.width(), width);
        Filter rows = new Filter(image.height(), height);
        byte[] row = new byte[3 * width];
        int[] sums = new int[row.length * height];
        Arrays.fill(sums, HALF);
        int oldest = 0;
        for (int y = 0; y < image.height(); y++) {
            narrow(image.rgb(), 3 * y * image.width(), columns, row);
            while (oldest < height && rows.end(oldest) <= y) {
                oldest++;
            }
            for (int out = oldest; out < height && rows.first[out] <= y; out++) {
                add(row, rows.weights[out][y - rows.first[out]], sums, row.length * out);
            }
        }
        byte[] rgb = new byte[sums.length];
        for (int i = 0; i < sums.length; i++) {
            rgb[i] = round(sums[i]);
        }
        return new RgbImage(width, height, rgb);
    }

    /** For each output pixel the first input pixel it takes, and the weights from there on. */
    private record Filter(int[] first, int[][] weights) {

        Filter(int in, int out) {
            this(new int[out], new int[out][]);
            double scale = (double) in / out;
            double support = Math.max(scale, 1);
            double inverse = 1 / support;
            for (int i = 0; i < out; i++) {
                double centre = (i + 0.5) * scale;
                int from = Math.max(0, (int) (centre - support + 0.5));
                int to = Math.min(in, (int) (centre + support + 0.5));
                double[] shares = new double[to - from];
                double sum = 0;
                for (int x = 0; x < shares.length; x++) {
                    shares[x] = Math.max(0, 1 - Math.abs((x + from - centre + 0.5) * inverse));
                    sum += shares[x];
                }
                first[i] = from;
                weights[i] = new int[shares.length];
                for (int x = 0; x < shares.length; x++) {
                    weights[i][x] = (int) (0.5 + shares[x] / sum * (1 << PRECISION_BITS));
                }
            }
        }

        int end(int out) {
            return first[out] + weights[out].length;
        }
    }

    private static void narrow(byte[] in, int start, Filter filter, byte[] row) {
        for (int x = 0; x < filter.first.length; x++) {
            int red = HALF;
            int green = HALF;
            int blue = HALF;
            int at = start + 3 * filter.first[x];
            for (int weight : filter.weights[x]) {
                red += (in[at] & 0xff) * weight;
                green += (in[at + 1] & 0xff) * weight;
                blue += (in[at + 2] & 0xff) * weight;
                at += 3;
            }
            row[3 * x] = round(red);
            row[3 * x + 1] = round(green);
            row[3 * x + 2] = round(blue);
        }
    }

    private static void add(byte[] row, int weight, int[] sums, int offset) {
        for (int i = 0; i < row.length; i++) {
            sums[offset + i] += (row[i] & 0xff) * weight;
        }
    }

    /** Weights are not negative, and their sum is 1 but for rounding. */
    private static byte round(int sum) {
        return (byte) Math.min(255, sum >> PRECISION_BITS);
    }
}
