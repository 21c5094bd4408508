/**
 * Bytes of output that the host hands over at a time: a small piece may hold very much, and what is unpacked counts
 * for the isolate, not for the host. An answer that is shorter is the last one of its step.
 */
export const STEP = 1_048_576
