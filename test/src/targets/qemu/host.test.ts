import { readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, describe, expect } from "vitest";
import { bundle, qemu, qemuTarget, type RunningVm } from "../../../../src/index.ts";
import { motes } from "../../../support/motes.ts";
import { testWith } from "../../../support/required.ts";
import { eventually } from "../../eventually.ts";
import type twin from "../../fixtures/twin.ts";
import type { Twin } from "../../fixtures/twin.ts";
import { fixture, Lab } from "../../lab.ts";
import { noQemuHere, prepareQemu } from "../../../support/qemu.ts";

/** A machine that is busy with other tests takes its time. */
const bootTimeoutMs = 60_000;
const limitMs = 90_000;

/** Processes of QEMU that a process has started. */
function machinesOf(pid: number): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(parent) === pid && stat.includes("(qemu") ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

describe("qemu", () => {
  prepareQemu(noQemuHere, 256);
  const lab = new Lab();
  afterEach(() => lab.close());
  const boot = async (host: ReturnType<Lab["host"]>["host"]): Promise<RunningVm<Twin>> =>
    host.boot(await bundle<typeof twin>(fixture("twin")), { bootTimeoutMs });

  testWith(
    noQemuHere,
    "qemu: clones share neither numbers, bytes nor names drawn by chance, from their first line on",
    async () => {
      const { host } = lab.host({ target: qemu });
      const [a, b] = [await boot(host), await boot(host)];
      const [one, other] = [await host.self.call(a.root, "draws"), await host.self.call(b.root, "draws")];
      expect(one.math).not.toBe(other.math);
      expect(one.bytes).not.toBe(other.bytes);
      expect(one.uuid).not.toBe(other.uuid);
      expect(one.kernels).not.toBe(other.kernels);
      const maths = new Set([...one.maths, ...other.maths]);
      expect(maths.size).toBe(200);
      expect([...maths].every((draw) => draw >= 0 && draw < 1)).toBe(true);
      // As far from the ends as a hundred draws each are, but for one in many millions.
      expect(Math.min(...maths)).toBeLessThan(0.1);
      expect(Math.max(...maths)).toBeGreaterThan(0.9);
    },
    limitMs,
  );

  testWith(
    noQemuHere,
    "qemu: a clone's clock is right before its program's first line",
    async () => {
      const { host } = lab.host({ target: qemu });
      // The template is older than what follows.
      await boot(host);
      const bootedMs = Date.now();
      const { root } = await boot(host);
      const { timeMs } = await host.self.call(root, "draws");
      expect(timeMs).toBeGreaterThanOrEqual(bootedMs);
      expect(timeMs).toBeLessThanOrEqual(Date.now());
      const askedMs = Date.now();
      expect(await host.self.call(root, "time")).toBeGreaterThan(timeMs);
      expect(await host.self.call(root, "time")).toBeLessThanOrEqual(Date.now());
      expect(askedMs).toBeGreaterThanOrEqual(timeMs);
    },
    limitMs,
  );

  testWith(
    noQemuHere,
    "qemu: a machine that boots by itself runs the same program, and sees no network, no disk, and nobody else",
    async () => {
      const { host } = lab.host({ target: qemuTarget({ clones: false }) });
      const { root } = await boot(host);
      expect(await host.self.call(root, "devices")).toEqual({
        networks: [],
        disks: [],
        root: expect.not.arrayContaining(["home", "etc", "var"]) as string[],
        processes: ["1"],
      });
    },
    limitMs,
  );

  testWith(
    noQemuHere,
    "qemu: nothing is left of VMs that ended, whatever has become of them",
    async () => {
      const files = (): readonly string[] =>
        [...readdirSync("/dev/shm"), ...readdirSync(tmpdir())].filter((name) =>
          /motes.*qemu|^qemu/.test(name),
        );
      const before = files();
      const { host } = lab.host({ target: qemu });
      const [a, b] = [await boot(host), await boot(host)];
      expect(machinesOf(process.pid)).toHaveLength(2);
      await a.kill();
      expect(machinesOf(process.pid)).toHaveLength(1);
      expect(await b.stop()).toBe("shutdown");
      await eventually(
        () => machinesOf(process.pid),
        ({ length }) => length === 0,
      );
      expect(files()).toEqual(before);
    },
    limitMs,
  );

  testWith(
    noQemuHere,
    "qemu: a host that is killed takes its machines along, also one that loops",
    async () => {
      const running = motes(["run", fixture("loops"), "--target", "qemu"]);
      await running.says(/wedged soon/);
      const machines = machinesOf(running.pid);
      expect(machines).toHaveLength(1);
      running.kill();
      await eventually(
        () => machines.filter((pid) => isAlive(pid)),
        ({ length }) => length === 0,
      );
    },
    limitMs,
  );
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
