import { process, type ProtocolOf, type Ref, type Self, type Wait } from "motes";
import { pathOf } from "./control.ts";
import { mischief } from "./mischief.ts";
import { client, nodesOf, relaysOf, type TorOptions } from "./nodes.ts";
import type { relays } from "./network.ts";
import type { state } from "./state.ts";
import type { tally } from "./tally.ts";
import { visit, visitor } from "./visitor.ts";
import type { watch } from "./watch.ts";
import type { web } from "./web.ts";

/** Whom it talks to, by the addresses that their supervisor keeps. */
export interface Cast {
  readonly state: Ref<ProtocolOf<typeof state>>;
  readonly watch: Ref<ProtocolOf<typeof watch>>;
  readonly web: Ref<ProtocolOf<typeof web>>;
  readonly tally: Ref<ProtocolOf<typeof tally>>;
  readonly relays: Ref<ProtocolOf<typeof relays>>;
}

const bootstrapTimeoutMs = 180_000;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** What happens once all processes run: they find each other, a page is asked for through them, and then some are killed. */
export const story = process(
  function* (
    self: Self<never>,
    options: TorOptions,
    { state, watch, web, tally, relays }: Cast,
  ): Generator<Wait<unknown>, void, unknown> {
    const { nodes, keysMs, madeAtMs } = yield* self.call(state, "get");
    console.log(`${nodes.length} tors run in ${options.folder}; keys took ${seconds(keysMs)}`);
    yield* self.callWithin(bootstrapTimeoutMs, watch, "up", [client.name]);
    const clientMs = self.now() - madeAtMs;
    console.log(`the client is at 100 % after ${seconds(clientMs)}`);
    const all = nodesOf(options).map(({ name }) => name);
    yield* self.callWithin(bootstrapTimeoutMs, watch, "up", all);
    const allMs = self.now() - madeAtMs;
    console.log(`all ${nodes.length} are at 100 % after ${seconds(allMs)}`);
    const me = nodes.find(({ role }) => role === "client");
    if (me === undefined) throw new Error("there is no client");
    const target = { socksPort: me.socksPort, webPort: yield* self.call(web, "port") };
    const path = (yield* self.until(visit(target, self.signal, () => pathOf(me)))) ?? [];
    console.log(`a page through ${path.join(", ")}`);
    const asking = self.spawnLink(visitor, target, tally);
    yield* unrest(self, options, { relays, watch, tally });
    self.unlink(asking);
    self.exit(asking, "shutdown");
    yield* self.call(tally, "close", { nodes: nodes.length, keysMs, clientMs, allMs, path });
  },
  { label: "story" },
);

/** Until all that were killed are back. */
function* unrest(
  self: Self<never>,
  options: TorOptions,
  { relays, watch, tally }: Pick<Cast, "relays" | "watch" | "tally">,
): Generator<Wait<unknown>, void, unknown> {
  if (options.killEveryMs === 0) return yield* self.sleep(options.unrestMs);
  const refs = yield* self.call(relays, "children");
  const victims = relaysOf(options).flatMap(({ name }) => {
    const ref = refs[name];
    return ref === undefined ? [] : [[name, ref] as const];
  });
  const killing = self.spawnLink(mischief, victims, options, watch, tally);
  self.monitor(killing);
  yield* self.receive("down");
}
