/** What a ring can say against its memory, its peer or its caller. Nothing here names a carrier or a VM: edges add that. */
import { defineErrors, type MakeError } from "../kernel/index.ts";

/** Which side of a ring found the fault: the one that writes records or the one that reads them. */
type RingSide = "writer" | "reader";

const table = {
  RING_CAPACITY_INVALID: (d: { capacityBytes: number; minBytes: number; maxBytes: number }) =>
    `a ring's capacity must be a power of two from ${d.minBytes} to ${d.maxBytes} bytes, got ${d.capacityBytes}.`,
  RING_IN_USE: (d: { generation: number }) =>
    `there is a ring in this memory already (generation ${d.generation}). Attach to it, or clear the memory first: creating it anew would lose what its users have under way.`,
  RING_INVALID: (d: { what: string; expected: number; got: number }) =>
    `this memory holds no ring to attach to: expected ${d.what} ${d.expected}, got ${d.got}. Was it created, by the same version and with the same capacity?`,
  RING_CORRUPT: (d: { side: RingSide; word: string; value: number; expected: string }) =>
    `the ${d.side} found ${d.word} ${d.value} in its ring, expected ${d.expected}. The peer broke the protocol; this ring is closed now.`,
  RING_RECORD_TOO_LARGE: (d: { bodyBytes: number; maxBodyBytes: number }) =>
    `a record of ${d.bodyBytes} bytes does not go through this ring, which takes 0 to ${d.maxBodyBytes}. Send it in fragments, or make the ring larger.`,
  RING_CLOSED: (d: { side: RingSide }) =>
    `this ${d.side} was closed. Make a new ring: a closed one is never reopened.`,
};

export const transportError: MakeError<typeof table> = defineErrors(table);
