import { process, type ProtocolOf, type Ref, type Self, type Wait } from "motes";
import type { PortProtocol } from "motes/port";
import { kill } from "./kill.ts";
import type { TorOptions } from "./nodes.ts";
import type { tally } from "./tally.ts";
import type { watch } from "./watch.ts";

const backTimeoutMs = 60_000;

/** A relay by its name, under the address that its supervisor keeps for it over restarts. */
export type Relays = readonly (readonly [name: string, ref: Ref<PortProtocol>])[];

/** Kills a relay at random, waits until it is back, and after a while the next one; ends when its time is over and all are back. */
export const mischief = process(
  function* (
    self: Self<never>,
    relays: Relays,
    { killEveryMs, unrestMs }: Pick<TorOptions, "killEveryMs" | "unrestMs">,
    watching: Ref<ProtocolOf<typeof watch>>,
    counts: Ref<ProtocolOf<typeof tally>>,
  ): Generator<Wait<unknown>, void, unknown> {
    const endsAt = self.now() + unrestMs;
    while (self.now() < endsAt) {
      const [name, ref] = relays[Math.floor(self.random() * relays.length)] ?? [];
      if (name === undefined || ref === undefined) return;
      const { pid } = yield* self.call(ref, "info");
      self.cast(watching, "forget", name);
      const began = self.now();
      kill(pid);
      self.cast(counts, "killed");
      yield* self.callWithin(backTimeoutMs, watching, "up", [name]);
      const backMs = self.now() - began;
      self.cast(counts, "back", backMs);
      console.log(`killed ${name}: back after ${(backMs / 1000).toFixed(1)} s`);
      yield* self.sleep(Math.max(0, killEveryMs - backMs));
    }
  },
  { label: "mischief" },
);
