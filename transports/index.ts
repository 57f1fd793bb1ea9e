export {
  attachRingPair,
  createRingPair,
  ringPairBytes,
  type RingPair,
  type RingPairEnd,
} from "./ring/pair.ts";
export { RingChannel } from "./ring/ring-channel.ts";
export { RingReader } from "./ring/reader.ts";
export { attachRing, createRing, type Ring, type RingCreateOptions, type RingOptions } from "./ring/ring.ts";
export { RingWriter } from "./ring/writer.ts";
