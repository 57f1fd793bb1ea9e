/** xxHash32, from its WebAssembly: what packets between hosts are checked with. Finds damage, and not a forger: TLS does that. */
import xxhash from "xxhash-wasm";
import type { Checksum } from "./packet.ts";

export const loadChecksum = (): Promise<Checksum> => xxhash().then(({ h32Raw }) => h32Raw);
