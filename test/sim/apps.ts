import type { AnyUnikernel } from "../../kernel/index.ts";
import { town } from "./apps/async.ts";
import { bonds, farBonds } from "./apps/bonds.ts";
import { far } from "./apps/far.ts";
import { forest } from "./apps/forest.ts";
import { order } from "./apps/order.ts";
import { pingPong } from "./apps/ping-pong.ts";
import { replaced } from "./apps/service.ts";

/** The programs that the simulator breaks for us, by name. */
export const apps: Readonly<Record<string, AnyUnikernel>> = {
  "ping-pong": pingPong(5),
  order,
  bonds,
  forest,
  town,
  replaced: replaced(30, 4),
};

/** Those over the hosts `a`, `b` and `c`. */
export const farApps: Readonly<Record<string, AnyUnikernel>> = { far, "far-bonds": farBonds };
