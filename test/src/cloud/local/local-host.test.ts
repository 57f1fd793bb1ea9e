import { expect, test } from "vitest";
import type { ExitReason } from "../../../../kernel/index.ts";
import { cloud, command, image } from "../../../../src/cloud/cloud.ts";
import type { VmOrder } from "../../../../src/cloud/cloud-host.ts";
import { LocalHost, type Toolstack } from "../../../../src/cloud/local/local-host.ts";
import type { RunningVm } from "../../../../src/host/host-options.ts";
import type { VmInfo } from "../../../../src/host/hosted.ts";
import type { AnyImage } from "../../../../src/image/image.ts";

/** One VM of the model of a host: booting until it is `ready`. */
class ModelVm {
  readonly name: string;
  readonly vm: number;
  owner = 0;
  held = false;
  state: "booting" | "running" | "ended" = "booting";
  readonly booted: Promise<void>;
  readonly ended: Promise<ExitReason>;
  ready: () => void = () => {};
  private fail: (problem: Error) => void = () => {};
  private resolve: (reason: ExitReason) => void = () => {};

  constructor(name: string, vm: number) {
    this.name = name;
    this.vm = vm;
    this.booted = new Promise((ready, fail) => {
      this.ready = () => {
        this.state = "running";
        ready();
      };
      this.fail = fail;
    });
    this.ended = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  end(reason: ExitReason): void {
    if (this.state === "booting") this.fail(new Error(`it ended: ${String(reason)}`));
    this.state = "ended";
    this.resolve(reason);
  }
}

/** A host that boots and kills when it is told to, and is ready when the test says so. */
class ModelHost {
  readonly vms: ModelVm[] = [];
  /** Whether its VMs can be held. */
  holds = false;
  // Sound: what is asked for is what a `LocalHost` needs.
  readonly host = {
    boot: (_image: AnyImage, { name = "" }: { readonly name?: string }) => this.boot(name),
    kill: (vm: number) => this.vms[vm]?.end("killed"),
  } as Toolstack;

  constructor() {
    Object.defineProperty(this.host, "running", { get: () => this.alive as readonly Partial<VmInfo>[] });
  }

  get alive(): readonly (Pick<ModelVm, "name" | "vm" | "owner"> & { readonly ownerHost: string })[] {
    return this.vms
      .filter(({ state }) => state !== "ended")
      .map(({ name, vm, owner }) => ({ name, vm, owner, ownerHost: "" }));
  }

  add(name: string): ModelVm {
    const made = new ModelVm(name, this.vms.length);
    this.vms.push(made);
    return made;
  }

  private async boot(name: string): Promise<Partial<RunningVm>> {
    const made = this.add(name);
    await made.booted;
    const end = (reason: ExitReason) => {
      made.end(reason);
      return made.ended;
    };
    const hold = (held: boolean): boolean => {
      made.held = held;
      return this.holds;
    };
    return { ended: made.ended, stop: () => end("shutdown"), kill: () => end("killed"), hold };
  }
}

const { roles } = cloud({ name: "one", roles: { mote: { run: image("mote.ts"), count: 1 } } });
const [role] = roles;

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Given {
  readonly model: ModelHost;
  readonly local: LocalHost;
  readonly order: VmOrder;
  readonly told: string[];
  /** Its image has come. */
  readonly fetched: () => void;
}

function given(): Given {
  if (role === undefined) throw new Error("no role");
  const model = new ModelHost();
  let fetched = (): void => {};
  const ready = new Promise<AnyImage>((resolve) => {
    // Sound: the model does not look at it.
    fetched = () => resolve({} as AnyImage);
  });
  const local = new LocalHost(model.host, { of: () => ready }, {});
  const told: string[] = [];
  local.events = {
    started: () => told.push("started"),
    ended: (_order, reason) => told.push(`ended: ${reason}`),
  };
  return { model, local, order: { role, ordinal: 1, epoch: 1 }, told, fetched };
}

test("local host: a VM that is held while it boots is ended at once, and booted again when it is let go", async () => {
  const { model, local, order, told, fetched } = given();
  fetched();
  local.boot(order);
  await settled();
  const child = model.add("mote/1");
  child.owner = 1;
  local.hold(order, true);
  await settled();
  expect(model.vms.map(({ state }) => state)).toEqual(["ended", "booting"]);
  expect(told).toEqual([]);
  local.hold(order, false);
  await settled();
  model.vms[2]?.ready();
  await settled();
  expect(told).toEqual(["started"]);
  model.vms[2]?.end("shutdown");
  await settled();
  expect(told).toEqual(["started", "ended: shutdown"]);
});

test("local host: a VM that runs stands still where its target can do that, and goes on; else it is ended, and booted again", async () => {
  for (const holds of [true, false]) {
    const { model, local, order, told, fetched } = given();
    model.holds = holds;
    fetched();
    local.boot(order);
    await settled();
    model.vms[0]?.ready();
    await settled();
    local.hold(order, true);
    await settled();
    expect(model.vms.map(({ state, held }) => [state, held])).toEqual([[holds ? "running" : "ended", true]]);
    local.hold(order, false);
    await settled();
    expect(model.vms.map(({ state, held }) => [state, held])).toEqual(
      holds
        ? [["running", false]]
        : [
            ["ended", true],
            ["booting", false],
          ],
    );
    expect(told).toEqual(["started"]);
    local.stop(order);
    await settled();
  }
});

test("local host: a VM that owns a process is ended, whatever its target can do", async () => {
  const { model, local, order, fetched } = given();
  const [owner] = cloud({ name: "one", roles: { sh: { run: command({ command: "sh" }), count: 1 } } }).roles;
  if (owner === undefined) throw new Error("no role");
  const commanded = { ...order, role: owner };
  model.holds = true;
  fetched();
  local.boot(commanded);
  await settled();
  model.vms[0]?.ready();
  await settled();
  local.hold(commanded, true);
  expect(model.vms.map(({ state }) => state)).toEqual(["ended"]);
  local.stop(commanded);
  await settled();
});

test("local host: one that stands still is stopped all the same", async () => {
  const { model, local, order, told, fetched } = given();
  model.holds = true;
  fetched();
  local.boot(order);
  await settled();
  model.vms[0]?.ready();
  await settled();
  local.hold(order, true);
  local.stop(order);
  await settled();
  expect([model.alive, told]).toEqual([[], ["started", "ended: shutdown"]]);
});

test("local host: one that is held before there is anything of it does not boot until it is let go", async () => {
  const { model, local, order, told, fetched } = given();
  local.boot(order);
  local.hold(order, true);
  fetched();
  await settled();
  expect(model.vms).toEqual([]);
  local.hold(order, false);
  await settled();
  model.vms[0]?.ready();
  await settled();
  // Nothing of it was ended meanwhile: what happens now is a crash.
  model.vms[0]?.end("killed");
  await settled();
  expect([told, model.vms.length]).toEqual([["started", "ended: killed"], 1]);
});

test("local host: held and let go while it boots, it comes up once, and its crash counts", async () => {
  const { model, local, order, told, fetched } = given();
  local.boot(order);
  local.hold(order, true);
  local.hold(order, false);
  fetched();
  await settled();
  model.vms[0]?.ready();
  await settled();
  model.vms[0]?.end("killed");
  await settled();
  expect(told).toEqual(["started", "ended: killed"]);
});

test.each(["before its image is there", "while it boots", "while it is held", "once it runs"])(
  "local host: one that is stopped %s ends",
  async (when) => {
    const { model, local, order, told, fetched } = given();
    local.boot(order);
    if (when !== "before its image is there") fetched();
    await settled();
    if (when === "once it runs") model.vms[0]?.ready();
    if (when === "while it is held") local.hold(order, true);
    await settled();
    local.stop(order);
    fetched();
    await settled();
    expect(told.at(-1)).toMatch(/^ended: /);
    expect(model.alive).toEqual([]);
  },
);

test("local host: those that are let go in one moment do not boot in one moment", async () => {
  const { model, local, order, told, fetched } = given();
  fetched();
  const orders = Array.from({ length: 3 * local.bootsAtOnce }, (_, ordinal) => ({ ...order, ordinal }));
  for (const each of orders) {
    local.boot(each);
    local.hold(each, true);
  }
  await settled();
  for (const each of orders) local.hold(each, false);
  await settled();
  expect(model.vms.length).toBe(local.bootsAtOnce);
  while (told.length < orders.length) {
    for (const vm of model.vms) if (vm.state === "booting") vm.ready();
    await settled();
  }
  expect(model.vms.length).toBe(orders.length);
});
