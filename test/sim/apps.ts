import type { AnyUnikernel } from "../../kernel/index.ts";
import type { SimOptions } from "../../src/testing/index.ts";
import { town } from "./apps/async.ts";
import { bonds, farBonds } from "./apps/bonds.ts";
import { far } from "./apps/far.ts";
import { farGroups, groupsAgree } from "./apps/far-groups.ts";
import { farService, servesAgain } from "./apps/far-service.ts";
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

interface FarApp {
  readonly app: AnyUnikernel;
  readonly options?: SimOptions;
}

/** Time for all to be well again. */
const healed = { faultsUntilMs: 3000, untilMs: 15_000 };

/** Those over the hosts `a`, `b` and `c`. */
export const farApps: Readonly<Record<string, FarApp>> = {
  far: { app: far },
  "far-bonds": { app: farBonds },
  "far-groups": { app: farGroups, options: { ...healed, atEnd: { "the groups agree": groupsAgree } } },
  "far-service": {
    app: farService,
    options: { ...healed, vmsMax: 2, atEnd: { "it serves again": servesAgain } },
  },
  // The host of the service has room for its writers, and for one ledger: the next one is elsewhere.
  "far-replaced": {
    app: replaced(60, 8, 1, { name: "far-replaced", hosts: true }),
    options: { vmsMax: 4 },
  },
};
