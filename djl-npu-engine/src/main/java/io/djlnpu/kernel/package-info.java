/**
 * The paper's kernels, one class each, with one plan and two readings: {@code plan} says which tile
 * computes what and what it costs, {@code run} executes the same shares on the host.
 *
 * <p>Results do not depend on the number of threads: each output is computed within one share, in
 * the plan's order. Kernels are bound to their weights and buffers when made, so that running one
 * allocates nothing.
 */
package io.djlnpu.kernel;
