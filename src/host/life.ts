/** The times in the life of a VM, in ms, and its heap, in MiB, where its owner says nothing else. They hold on every target and in the simulator. */
export const defaultMemoryMb = 256;
export const defaultWatchdogMs = 5000;
export const defaultBootTimeoutMs = 10_000;
/** What a root gets to end in an orderly way before its VM is killed. */
export const graceMs = 5000;
