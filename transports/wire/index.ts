export type { Channel } from "./channel.ts";
export { Decoder, type AddressOf } from "./decoder.ts";
export { Encoder } from "./encoder.ts";
export { protocolVersion } from "./frame.ts";
export { Link, type LinkOptions, type LinkSink } from "./link.ts";
export { memoryChannel, type MemoryChannelOptions } from "./memory.ts";
export { portableText, type TextCodec } from "./text.ts";
