/** What an instance of QuickJS can have: its counts have 32 bits, and a sign. */
export const limitBytesMax: number = 2 ** 31 - 1;

/** The limit of a VM's memory in bytes: as much as it was given, and as it can have. */
export const limitBytesOf = (memoryMb: number): number =>
  Math.min(Math.floor(memoryMb * 1024 * 1024), limitBytesMax);
