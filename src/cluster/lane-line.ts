import type { Home, Kernel } from "../../kernel/index.ts";
import { LinkLine } from "../targets/link-line.ts";
import { nodeText } from "../targets/node-text.ts";
import type { LaneWay } from "./lane-way.ts";

/** Nobody sleeps there that a bell would wake: the network does. */
const noBell = { ring: () => {}, arm: () => {}, wait: () => false };

/** A line from the host's own VM to a VM of another host. */
export class LaneLine extends LinkLine {
  constructor(kernel: Kernel, home: Home) {
    super(kernel, home, nodeText);
  }

  connect(way: LaneWay): void {
    this.open(way, noBell);
  }
}
