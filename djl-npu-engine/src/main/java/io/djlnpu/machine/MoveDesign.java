package io.djlnpu.machine;

import java.util.List;

/**
 * Rows from one place of DDR to another by way of a mem tile, without a core: a row of the
 * embedding table, or keys and values to their slots of the cache.
 *
 * @param name of the kernel
 * @param source where from
 * @param sourceAt first byte
 * @param target where to
 * @param targetAt first byte
 * @param rows how many
 * @param rowBytes of a row
 * @param sourceStride bytes from row to row
 * @param targetStride bytes from row to row
 */
public record MoveDesign(
        String name,
        Region source,
        int sourceAt,
        Region target,
        int targetAt,
        int rows,
        int rowBytes,
        int sourceStride,
        int targetStride)
        implements KernelDesign {

    /**
     * Copies a row of the embedding table.
     *
     * @param table {@code [vocabulary, width]}
     * @param token which row
     * @param result {@code [width]}
     * @return the design
     */
    public static MoveDesign embeddingRow(Region table, int token, Region result) {
        int bytes = result.bytes();
        return new MoveDesign("Embedding", table, token * bytes, result, 0, 1, bytes, bytes, bytes);
    }

    /**
     * Puts tokens' keys or values into a cache that is a ring.
     *
     * @param rows {@code [tokens, width]}
     * @param cache {@code [capacity, width]}
     * @param position of the first token; the tokens must not pass the ring's end
     * @param rowBytes of a token
     * @return the design
     */
    public static MoveDesign cacheAppend(Region rows, Region cache, int position, int rowBytes) {
        int slot = position % (cache.bytes() / rowBytes);
        int tokens = rows.bytes() / rowBytes;
        return new MoveDesign(
                "CacheAppend",
                rows,
                0,
                cache,
                slot * rowBytes,
                tokens,
                rowBytes,
                rowBytes,
                rowBytes);
    }

    @Override
    public String remedy() {
        return "narrow the rows";
    }

    @Override
    public void layOut(TileArray array, HostSequence host) {
        FifoEnd staged = array.end(0, "rows", 2, rowBytes);
        DmaChannel reader = array.reader(0, "rows");
        DmaChannel into = array.channel(0, false, "rows");
        into.then(rows, List.of(new DmaChannel.Visit(staged, 1, 1)));
        array.connect(reader, List.of(into));
        DmaChannel outOf = array.channel(0, true, "rows");
        outOf.then(rows, List.of(new DmaChannel.Visit(staged, 1, 1)));
        DmaChannel writer = array.writer(0, "rows");
        array.connect(outOf, List.of(writer));
        host.push(reader, source, Tap.rows(sourceAt, rows, sourceStride, rowBytes));
        host.push(writer, target, Tap.rows(targetAt, rows, targetStride, rowBytes));
        host.await(writer);
    }
}
