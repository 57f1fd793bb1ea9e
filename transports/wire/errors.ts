import { defineErrors, type MakeError } from "../../kernel/index.ts";

/** What a link can say against a message or its peer. Refusals of a message are thrown at the send, the others end the carrier. */
const table = {
  MESSAGE_NOT_COPYABLE: (d: { path: string; what: string }) =>
    `a message to another VM is copied, and ${d.path} is ${d.what}, which cannot be. Send plain objects, arrays, Map, Set, Date, Error, bytes and refs.`,
  MESSAGE_TOO_DEEP: (d: { depthMax: number }) =>
    `a message nests deeper than ${d.depthMax} levels, or contains itself. Send a flat list with ids instead.`,
  MESSAGE_TOO_LARGE: (d: { got: number; max: number; unit: "bytes" | "objects" }) =>
    `a message of ${d.got} ${d.unit} or more is above the ${d.max} that may travel at once. Send it in parts.`,
  MESSAGE_TYPE_INVALID: (d: { got: string }) =>
    `expected a message with a string under "type" that does not start with "$", got ${d.got}. Give it a type that its receiver knows.`,
  MESSAGE_CHANGING: (_d: object) =>
    "a message to another VM is copied, and this one changed meanwhile: a getter or a proxy in it gave other keys than before, or sent a message itself. Send plain data.",
  CARRIER_FULL: (d: { queuedBytes: number; bytesMax: number; refused: unknown }) =>
    `${d.queuedBytes} bytes wait for the other VM, and ${d.bytesMax} is the most: this message was refused, and is in details.refused. Wait with self.drained(to) before sending on.`,
  CARRIER_STUCK: (d: { queuedBytes: number; bytesMax: number }) =>
    `${d.queuedBytes} bytes of answers and signals wait for the other VM, which does not read them, and ${d.bytesMax} is the most. The carrier is closed.`,
  CARRIER_CLOSED: (d: { why: string }) => `this carrier is closed: ${d.why}.`,
  FRAME_CORRUPT: (d: { what: string; at: number }) =>
    `a frame from the other VM is not what the protocol says: ${d.what} at byte ${d.at}. The carrier is closed.`,
  PROTOCOL_MISMATCH: (d: { expected: number; got: number }) =>
    `the other VM speaks version ${d.got} of the protocol, this one ${d.expected}. Run the same release of motes on both.`,
};

export const wireError: MakeError<typeof table> = defineErrors(table);
