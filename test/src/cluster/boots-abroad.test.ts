import { afterEach, describe, expect, test } from "vitest";
import { addressOf as partsOf, refTo } from "../../../kernel/index.ts";
import { type BootsPolicy, isMotesError, bundle, MotesError, type Ref, wasm } from "../../../src/index.ts";
import { bootMeans } from "../../../src/cluster/boot-means.ts";
import { abroad, BootsAbroad } from "../../../src/cluster/boots-abroad.ts";
import type { ErrandProtocol } from "../../../src/cluster/errand.ts";
import { Grant } from "../../../src/host/grant.ts";
import { eventually } from "../eventually.ts";
import type { Sink } from "../fixtures/obedient.ts";
import type program from "../fixtures/far-tree.ts";
import type { Worker } from "../fixtures/far-tree.ts";
import { fixture } from "../lab.ts";
import { addressOf, ClusterLab, type Joined, limits, linked, parted, redial } from "./pair.ts";

const lab = new ClusterLab();
afterEach(() => lab.close());

const boots = { devices: ["log"] } as const;

/** `b` boots for others. */
async function two(policy: BootsPolicy | "none" = boots): Promise<readonly [Joined, Joined]> {
  const a = await lab.joined("a");
  const b = await lab.joined("b", [a], { join: policy === "none" ? {} : { boots: policy } });
  await linked(a, "b");
  return [a, b];
}

describe("boots abroad", () => {
  test("boots abroad: an actor boots a VM of another host, which sends the image once, and talks to it", async () => {
    const [a, b] = await two();
    const boss = await lab.boot(a.host);
    const booter = await a.host.self.call(boss.root, "booter");
    const refs = await Promise.all([1, 2, 3].map(() => a.host.self.call(booter, "bootsOn", "b")));
    expect(refs.map(String)).toEqual(refs.map(() => expect.stringMatching(/^<b~/)));
    expect(b.host.running.map(({ name, state }) => [name, state])).toEqual(
      refs.map(() => ["spare", "running"]),
    );
    expect(b.host.running[0]?.ownerHost).toMatch(/^a~/);
    const sink = refs[0] as Ref<Sink>;
    a.host.self.cast(boss.root, "burst", sink, "a", [10], 5);
    await eventually(
      () => a.host.self.call(sink, "tally"),
      ({ count }) => count === 5,
    );
    // They end with their owner, wherever they are.
    a.host.self.exit(booter, "kill");
    await eventually(
      () => b.host.running.length,
      (count) => count === 0,
    );
  });

  test("boots abroad: from outside, too; it stops in order, or is killed", async () => {
    const [a, b] = await two();
    const image = await lab.obedient();
    const one = await a.host.boot(image, { host: "b" });
    const other = await a.host.boot(image, { host: ["nowhere", "b"], name: "other" });
    expect(await a.host.self.call(one.root, "ping")).toBe("pong");
    expect(b.host.running.map(({ name }) => name)).toEqual(["obedient", "other"]);
    expect(await one.stop()).toBe("shutdown");
    expect(await other.kill()).toBe("killed");
    await eventually(
      () => b.host.running.length,
      (count) => count === 0,
    );
    expect(a.host.holds.vms).toBe(0);
  });

  test("boots abroad: the other host's policy holds, and who asks hears why", async () => {
    const [a, b] = await two({ devices: [], vmsMax: 1 });
    const boss = await lab.boot(a.host);
    const booter = await a.host.self.call(boss.root, "booter");
    expect(await a.host.self.call(booter, "bootsOn", "b", { memoryMb: -1 })).toMatch(/memoryMb/);
    expect(await a.host.self.call(booter, "bootsOn", "b", { target: "no such" })).toMatch(
      /UNKNOWN_TARGET|no target/,
    );
    expect(await a.host.self.call(booter, "bootsOn", "b", { entry: "nobody" })).toMatch(/no unikernel named/);
    expect(String(await a.host.self.call(booter, "bootsOn", "b"))).toMatch(/^<b~/);
    expect(await a.host.self.call(booter, "bootsOn", "b")).toMatch(/other hosts .* may have 1 VMs/);
    expect(await a.host.self.call(booter, "bootsOn", "nowhere", { bootTimeoutMs: 50 })).toMatch(
      /not joined within 50 ms/,
    );
    expect(b.host.running).toHaveLength(1);
  });

  test("boots abroad: what the booter may have at a time counts from when it asks, and binds what it boots", async () => {
    const [a, b] = await two();
    const boss = await lab.boot(a.host, { vmsMax: 2 });
    // Each boots one at a time.
    const booters = await Promise.all([1, 2, 3].map(() => a.host.self.call(boss.root, "booter")));
    const boot = (host: string, options = {}) =>
      Promise.all(booters.map((booter) => a.host.self.call(booter, "bootsOn", host, options)));
    // What fails counts no more.
    const none = await boot("nowhere", { bootTimeoutMs: 500 });
    expect(none.map(String).sort()).toEqual([
      expect.stringMatching(/not joined within 500 ms/),
      expect.stringMatching(/not joined within 500 ms/),
      expect.stringMatching(/those that it boots may have 2 VMs/),
    ]);
    const all = await boot("b");
    expect(all.map(String).sort()).toEqual([
      expect.stringMatching(/^<b~/),
      expect.stringMatching(/^<b~/),
      expect.stringMatching(/those that it boots may have 2 VMs/),
    ]);
    expect(b.host.running).toHaveLength(2);
  });

  test("boots abroad: another host is told the least bound above a VM, whether it has one itself", async () => {
    const { host } = lab.host();
    const grant = Grant.outer({ name: "root", declared: undefined, vmsMax: 2 });
    const image = await lab.obedient();
    const told = (vmsMax?: number) => {
      const own = grant.pass({ name: "child", declared: undefined, vmsMax });
      const order = { name: "child", entry: undefined, image, args: [], owner: host.self.ref, grant: own };
      return abroad(["b"], order, "isolate").vmsMax;
    };
    expect([told(), told(1), told(9)]).toEqual([2, 1, 2]);
  });

  test("boots abroad: a host that says nothing of it boots nothing for others, and one that is alone cannot ask", async () => {
    const [a, b] = await two("none");
    const boss = await lab.boot(a.host);
    const booter = await a.host.self.call(boss.root, "booter");
    expect(await a.host.self.call(booter, "bootsOn", "b")).toMatch(/boots nothing for others/);
    expect(b.host.running).toEqual([]);
    const alone = lab.host();
    await expect(alone.host.boot(await lab.obedient(), { host: "b" })).rejects.toMatchObject({
      code: "HOST_ALONE",
    });
  });

  test("boots abroad: images are taken only by a host that may be asked to do something with them", async () => {
    const a = await lab.joined("a");
    const b = await lab.joined("b", [a]);
    const managed = lab.host();
    const tcp = { security: "plain", peers: { a: addressOf(a) } } as const;
    await managed.host.join({ name: "c", limits, redial, tcp }, { look: () => "here" });
    await linked(a, "b");
    await linked(a, "c");
    const send = (name: string) => {
      const to = a.host.otherHosts.find((other) => other.name === name)?.ref;
      if (to === undefined) throw new Error(`${name} is linked`);
      // Sound: the first actor of a host takes this from other hosts.
      const errands = refTo<ErrandProtocol>(partsOf(to));
      return a.host.self.call(errands, "imagePiece", "0".repeat(64), 0, 10, Uint8Array.of(1));
    };
    await expect(send("b")).rejects.toMatchObject({
      code: "CALL_REFUSED",
      message: expect.stringMatching(/boots nothing for others/),
    });
    expect(await send("c")).toBe(1);
    expect(b.host.running).toEqual([]);
  });

  test("boots abroad: an image that could not be packed is packed anew by the next boot", async () => {
    const [a] = await two();
    const { code, ...rest } = await lab.obedient();
    let fails = true;
    const image = {
      ...rest,
      get code(): string {
        if (fails) throw new Error("no memory");
        return code;
      },
    };
    await expect(a.host.boot(image, { host: "b" })).rejects.toThrow(/no memory/);
    fails = false;
    expect(await a.host.self.call((await a.host.boot(image, { host: "b" })).root, "ping")).toBe("pong");
  });

  test("boots abroad: a host that stops waits for nobody, however long the boot would have", async () => {
    const [a] = await two();
    const boot = a.host.boot(await lab.obedient(), { host: "nowhere", bootTimeoutMs: Infinity });
    const why = boot.then(
      () => "booted",
      (problem: unknown) => (problem instanceof MotesError ? problem.code : String(problem)),
    );
    await a.host.stop();
    expect(await why).toBe("HOST_UNREACHABLE");
  });

  test("boots abroad: a boot that waited while its host tried to join, and could not, waits no more", async () => {
    const taken = addressOf(await lab.joined("a"));
    const { host } = lab.host();
    const image = await lab.obedient();
    const join = host.join({ name: "b", tcp: { security: "plain", listen: taken } });
    const boot = host.boot(image, { host: "nowhere", bootTimeoutMs: Infinity });
    const [joined, booted] = await Promise.allSettled([join, boot]);
    expect(joined).toMatchObject({ status: "rejected", reason: { code: "HOST_LISTEN" } });
    expect(booted).toMatchObject({ status: "rejected", reason: { code: "HOST_UNREACHABLE" } });
  });

  test("boots abroad: nobody waits for a host that is not there once it is closed", async () => {
    const { host } = lab.host();
    const boots = new BootsAbroad(host.self, () => [], bootMeans);
    boots.close();
    const grant = Grant.outer({ name: "root", declared: undefined });
    const [image, owner] = [await lab.obedient(), host.self.ref];
    const order = { hosts: ["b"], image, name: "x", entry: undefined, args: [], owner, booter: "isolate" };
    const { result } = await boots.boot({ ...order, grant, bootTimeoutMs: Infinity });
    expect(result).toMatchObject({ type: "failed", reason: { code: "HOST_UNREACHABLE" } });
  });

  test("boots abroad: only its booter may have a VM of another host killed", async () => {
    const [a, b] = await two();
    const [mine, foreign] = await lab.boots(a.host, 2);
    if (mine === undefined || foreign === undefined) throw new Error("two were booted");
    const [booter, stranger] = [
      await a.host.self.call(mine.root, "booter"),
      await a.host.self.call(foreign.root, "booter"),
    ];
    const ref = await a.host.self.call(booter, "bootsOn", "b");
    if (typeof ref === "string") throw new Error(ref);
    const { host, vm } = partsOf(ref);
    expect(await a.host.self.call(stranger, "killsOn", vm, host)).toBe("CALL_REFUSED");
    // A VM that nobody of `a` has booted is not for `a` to have killed, whoever asks.
    const own = await lab.boot(b.host);
    expect(await a.host.self.call(booter, "killsOn", own.vm, host)).toBe("killed");
    expect(b.host.running).toHaveLength(2);
    // It is linked to its VM, and may end with it before it has answered.
    const told = await a.host.self.call(booter, "killsOn", vm, host).then(
      (answer) => answer,
      (problem: unknown) => (isMotesError(problem) ? problem.code : "?"),
    );
    expect(["killed", "CALL_EXIT"]).toContain(told);
    await eventually(
      () => b.host.running.length,
      (count) => count === 1,
    );
  });

  test("boots abroad: nobody else may have a VM of another host killed while it boots, either", async () => {
    const [a, b] = await two();
    const [mine, foreign] = await lab.boots(a.host, 2);
    if (mine === undefined || foreign === undefined) throw new Error("two were booted");
    const [booter, stranger] = [
      await a.host.self.call(mine.root, "booter"),
      await a.host.self.call(foreign.root, "booter"),
    ];
    // It is never ready.
    const booting = a.host.self.callWithin(30_000, booter, "bootsOn", "b", {
      entry: "late",
      bootTimeoutMs: 2000,
    });
    const [late] = await eventually(
      () => b.host.running,
      ({ length }) => length === 1,
    );
    const [other] = a.host.otherHosts;
    if (late === undefined || other === undefined) throw new Error("it boots there");
    await a.host.self.call(stranger, "killsOn", late.vm, other.host);
    expect(await booting).toMatch(/was not ready within 2000 ms/);
  });

  test("boots abroad: in WebAssembly, where that is asked for", async () => {
    const [a, b] = await two();
    const boss = await lab.boot(a.host);
    const booter = await a.host.self.call(boss.root, "booter");
    const ref = await a.host.self.callWithin(30_000, booter, "bootsOn", "b", { target: wasm.name });
    if (typeof ref === "string") throw new Error(ref);
    expect(b.host.running[0]?.target).toBe("wasm");
    expect(await a.host.self.call(ref as Ref<Sink>, "tally")).toMatchObject({ count: 0 });
  });

  test("boots abroad: a supervisor restarts its child elsewhere when the host is lost, and waits when there is none", async () => {
    const a = await lab.joined("a");
    const join = { join: { boots } };
    const b = await lab.joined("b", [a], join);
    const c = await lab.joined("c", [a], join);
    await linked(a, "b");
    await linked(a, "c");
    const tree = await a.host.boot(await bundle<typeof program>(fixture("far-tree")));
    const where = (): Promise<string> =>
      a.host.self.call(tree.root, "whichChildren").then(async ([child]) => {
        const incarnation = child?.incarnation as Ref<Worker> | undefined;
        return incarnation === undefined
          ? "nowhere"
          : a.host.self.call(incarnation, "where").catch(() => "gone");
      });
    expect(String(await where())).toMatch(/^<\d/);
    expect([b.host.running.length, c.host.running.length]).toEqual([1, 0]);
    await b.host.stop();
    await parted(a, "b");
    await eventually(
      () => c.host.running.length,
      (count) => count === 1,
    );
    await c.host.stop();
    await parted(a, "c");
    // There is none: it waits, until one is there again.
    const again = await lab.joined("b", [a], join);
    await eventually(
      () => again.host.running.filter(({ state }) => state === "running").length,
      (count) => count === 1,
    );
    await eventually(where, (text) => text.startsWith("<"));
  });

  test("boots abroad: VMs of a host that is cut off are ended there as well", async () => {
    const { a, b, box } = await lab.boxed({ boots });
    const boss = await lab.boot(b.host);
    const booter = await b.host.self.call(boss.root, "booter");
    expect(String(await b.host.self.call(booter, "bootsOn", "a"))).toMatch(/^<a~/);
    expect(a.host.running).toHaveLength(1);
    box.cut();
    await eventually(
      () => a.host.running.length,
      (count) => count === 0,
    );
    await parted(b, "a");
  });
});
