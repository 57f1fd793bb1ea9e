import { createRingPair, ringPairBytes } from "../../transports/index.ts";
import { Board } from "./board.ts";
import type { Commons } from "./target.ts";

/** What the VMs of one process see together: `SharedArrayBuffer`s, which go when nobody holds them. */
export const heapCommons = (places: number): Commons => ({
  board: Board.create(places),
  ring() {
    const memory = new SharedArrayBuffer(ringPairBytes());
    createRingPair(memory);
    return memory;
  },
  release() {},
  close() {},
});
