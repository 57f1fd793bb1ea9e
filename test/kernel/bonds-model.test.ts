import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAlive, probe, run, type Probe } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

/** OTP's rules for links, monitors and exits, as sets. */
class Model {
  readonly alive: Set<number>;
  readonly heard: string[][];
  private readonly links = new Set<string>();
  private watches: { readonly watcher: number; readonly target: number }[] = [];
  private readonly traps: readonly boolean[];

  constructor(traps: readonly boolean[]) {
    this.traps = traps;
    this.alive = new Set(traps.keys());
    this.heard = traps.map(() => []);
  }

  step(what: string, by: number, to: number, reason: string): void {
    if (what === "link") this.link(by, to);
    if (what === "unlink") this.unlink(by, to);
    if (what === "monitor") this.monitor(by, to);
    if (what === "exit") this.signal(to, by, reason, false);
    if (what === "stop") this.end(by, reason);
  }

  private link(a: number, b: number): void {
    if (a === b) return;
    if (this.alive.has(b)) this.links.add(pair(a, b));
    else this.signal(a, b, "noproc", true);
  }

  private unlink(a: number, b: number): void {
    this.links.delete(pair(a, b));
  }

  private monitor(watcher: number, target: number): void {
    if (this.alive.has(target)) this.watches.push({ watcher, target });
    else this.heard[watcher]?.push(`down ${target} noproc`);
  }

  private signal(to: number, from: number, reason: string, linked: boolean): void {
    if (!this.alive.has(to)) return;
    if (reason === "kill" && !linked) this.end(to, "killed");
    else if (this.traps[to] === true) this.heard[to]?.push(`exit ${from} ${reason}`);
    else if (reason !== "normal" || (!linked && to === from)) this.end(to, reason);
  }

  private end(who: number, reason: string): void {
    this.alive.delete(who);
    for (const other of this.traps.keys())
      if (this.links.delete(pair(who, other))) this.signal(other, who, reason, true);
    const firing = this.watches.filter(({ target }) => target === who);
    this.watches = this.watches.filter(({ target, watcher }) => target !== who && watcher !== who);
    for (const { watcher } of firing)
      if (this.alive.has(watcher)) this.heard[watcher]?.push(`down ${who} ${reason}`);
  }
}

const pair = (a: number, b: number): string => (a < b ? `${a}-${b}` : `${b}-${a}`);

describe("links, monitors and exits", () => {
  test("model: any program of them does what OTP's rules say", () => {
    const who = fc.nat(5);
    const step = fc.record({
      what: fc.constantFrom("link", "link", "monitor", "monitor", "unlink", "exit", "stop"),
      by: who,
      to: who,
      reason: fc.constantFrom("normal", "boom", "kill", "shutdown", "killed"),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        (steps, traps) => {
          const { kernel } = testKernel();
          const model = new Model(traps);
          const probes = traps.map((trapping) => probe(kernel, trapping));
          for (const { what, by, to, reason } of steps) {
            if (!model.alive.has(by)) continue;
            const { self } = probes[by] as Probe;
            const { ref } = (probes[to] as Probe).self;
            if (what === "link") self.link(ref);
            if (what === "unlink") self.unlink(ref);
            if (what === "monitor") self.monitor(ref);
            if (what === "exit") self.exit(ref, reason);
            if (what === "stop") self.stop(reason);
            model.step(what, by, to, reason);
            run(kernel);
            expect(
              new Set([...probes.keys()].filter((i) => isAlive(kernel, (probes[i] as Probe).self.ref))),
            ).toEqual(model.alive);
          }
          const named = probes.map(({ heard }) =>
            heard.map((line) => line.replace(/<1\.(\d+)>/, (_, n) => String(n - 1))),
          );
          // Who hears of several ends at one moment hears of each from another sender: their order is no promise.
          for (const i of model.alive) expect(named[i]?.toSorted()).toEqual(model.heard[i]?.toSorted());
        },
      ),
      { numRuns: 300 },
    );
  });
});
