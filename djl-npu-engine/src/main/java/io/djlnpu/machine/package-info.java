/**
 * A discrete-event machine that runs kernels on the array: tiles with their memories, DMA channels,
 * locks, streams and DDR. It carries the data, and its time is a result of the run.
 *
 * <p>Nothing here knows the analytic price of a kernel. Runs are deterministic and single-threaded.
 */
package io.djlnpu.machine;
