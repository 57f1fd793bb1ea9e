import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import {
  bundle,
  processTarget,
  type Host,
  type HostBootOptions,
  type RunningVm,
} from "../../../../src/index.ts";
import { motes } from "../../../support/motes.ts";
import { eventually } from "../../eventually.ts";
import type { Cornered } from "../../fixtures/cornered.ts";
import type cornered from "../../fixtures/cornered.ts";
import type early from "../../fixtures/early.ts";
import { fixture, Lab } from "../../lab.ts";

/** VMs, and blanks, that this process has started. */
function children(pid: number = process.pid): readonly number[] {
  const found: number[] = [];
  for (const task of readdirSync(`/proc/${pid}/task`))
    for (const child of (text(`/proc/${pid}/task/${task}/children`) ?? "").split(" ").filter(Boolean))
      if (text(`/proc/${child}/cmdline`)?.includes("--allow-addons") === true) found.push(Number(child));
  return found;
}

/** Undefined: whoever it tells of is gone. */
function text(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** What the kernel has taken from a process. */
const confinement = (pid: number): readonly string[] =>
  (text(`/proc/${pid}/status`) ?? "").split("\n").filter((line) => /^(NoNewPrivs|Seccomp):/.test(line));

const blanksOf = (host: Host, count: number): Promise<number> =>
  eventually(
    () => host.blanks,
    (ready) => ready === count,
  );

describe("process: blanks", () => {
  const lab = new Lab();
  afterEach(() => lab.close());

  const boot = async (host: Host, options: HostBootOptions): Promise<RunningVm<Cornered>> =>
    host.boot(await bundle<typeof cornered>(fixture("cornered")), { args: [true], ...options });

  test("process: a VM that was a blank is confined as any other, and ends as any other", async () => {
    const { host } = lab.host({ target: processTarget, warm: { vms: 1 } });
    const image = await bundle<typeof cornered>(fixture("cornered"));
    await blanksOf(host, 1);
    const [blank = 0] = children();
    const seen: (readonly string[])[] = [];
    for (const devices of [undefined, [], []]) {
      const options = devices === undefined ? {} : { devices };
      const vm = await host.boot(image, { args: [true], ...options });
      const pid = await host.self.call(vm.root, "pid");
      // The second one has used up the blank, the third one that was primed.
      if (seen.length === 1) expect(pid).toBe(blank);
      seen.push(confinement(pid));
      if (seen.length === 1) expect(host.blanks).toBe(1);
      if (seen.length === 2) await blanksOf(host, 2);
      if (seen.length === 3) expect(host.blanks).toBe(1);
      expect(await vm.kill()).toBe("killed");
    }
    expect(seen).toEqual([seen[0], seen[0], seen[0]]);
    await host.stop();
    expect(children()).toEqual([]);
  });

  test("process: nor has it more of Node than others", async () => {
    const { host } = lab.host({ target: processTarget, warm: { vms: 1, env: true } });
    await blanksOf(host, 1);
    const { root } = await boot(host, {});
    expect(host.blanks).toBe(0);
    expect(await host.self.call(root, "attempts", "/nowhere.node")).toMatchObject({
      read: "ERR_ACCESS_DENIED",
      spawn: "ERR_ACCESS_DENIED",
      native: "ERR_ACCESS_DENIED",
      signal: "ERR_ACCESS_DENIED",
      left: "got nothing",
      cached: "got 0",
      argv: "got 1",
    });
  });

  test("process: of a primed program nothing runs but its top level until it is booted", async () => {
    const { host, journal } = lab.host({ target: processTarget, warm: { vms: 1 } });
    const image = await bundle<typeof early>(fixture("early"));
    await host.boot(image, { devices: [] });
    await blanksOf(host, 2);
    expect(journal.matching(/from the top level/)).toHaveLength(1);
    const askedAtMs = Date.now();
    const { root } = await host.boot(image, { devices: [] });
    const { loadedAtMs, turnedAtMs } = await host.self.call(root, "seen");
    expect(loadedAtMs).toBeLessThanOrEqual(askedAtMs);
    expect(turnedAtMs).toBeGreaterThanOrEqual(askedAtMs);
    await host.self.call(root, "turned");
    expect(journal.matching(/from the top level/)).toHaveLength(2);
  });

  test("process: a blank that is killed is replaced, and one that may start processes is none of them", async () => {
    const { host } = lab.host({ target: processTarget, warm: { vms: 1 } });
    await blanksOf(host, 1);
    const [first = 0] = children();
    process.kill(first, "SIGKILL");
    const [second] = await eventually(
      children.bind(undefined, process.pid),
      (all) => all.length === 1 && all[0] !== first,
    );
    await blanksOf(host, 1);
    const vm = await boot(host, { devices: ["spawn"] });
    expect(await host.self.call(vm.root, "pid")).not.toBe(second);
    expect(children()).toContain(second);
  });

  test("process: a host that is killed takes its blanks along", async () => {
    const running = motes(["run", fixture("cornered"), "--target", "process", "--warm", "2"]);
    await running.says(/root (\d+)/);
    // Two VMs of the program, and two that wait.
    const pids = await eventually(
      () => children(running.pid),
      (all) => all.length >= 4,
    );
    running.kill();
    await eventually(
      () => pids.filter((pid) => text(`/proc/${pid}/cmdline`) !== undefined),
      (left) => left.length === 0,
    );
  });
});
