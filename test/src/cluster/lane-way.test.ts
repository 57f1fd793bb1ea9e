import { beforeAll, expect, test } from "vitest";
import type { ExitReason } from "../../../src/index.ts";
import { LaneBuffers } from "../../../src/cluster/lane-buffers.ts";
import { LaneWay } from "../../../src/cluster/lane-way.ts";
import { type HostLink, type Lane, loadChecksum, MemoryHosts } from "../../../transports/index.ts";

let checksum: Awaited<ReturnType<typeof loadChecksum>>;
beforeAll(async () => {
  checksum = await loadChecksum();
});

/** What happens at one end of a way. */
class End {
  readonly told: string[] = [];
  readonly way: LaneWay;
  readonly record = new Uint8Array(16 * 1024);

  constructor(lane: Lane) {
    this.way = new LaneWay(lane, () => this.told.push("wake"), new LaneBuffers());
    this.way.opened = () => this.told.push("opened");
    this.way.gone = (reason: ExitReason) => this.told.push(`gone ${JSON.stringify(reason)}`);
  }

  read(): string | undefined {
    const length = this.way.read(this.record);
    return length < 0 ? undefined : Buffer.from(this.record.subarray(0, length)).toString();
  }

  write(text: string): void {
    this.way.write(Buffer.from(text), text.length);
    this.way.publish();
  }
}

/** Two hosts, of which the first asks the second for a lane. */
function two() {
  const asked: Lane[] = [];
  const events = {
    up: () => {},
    asked: (_link: HostLink, lane: Lane) => void asked.push(lane),
    down: () => {},
  };
  const own = (name: string) => ({ cluster: "c", name, incarnation: "1", features: [] });
  const hosts = new MemoryHosts({ own: own("a"), events }, { own: own("b"), events }, checksum);
  hosts.advance(1);
  const near = new End(hosts.links[0].open(1, 2));
  hosts.advance(1);
  const [lane] = asked;
  if (lane === undefined) throw new Error("it was asked for");
  return { hosts, near, far: new End(lane), accept: () => lane.accept() };
}

const soon = (): Promise<void> => new Promise((done) => setImmediate(done));

test("lane way: it opens when the other side says yes, and carries both ways", () => {
  const { hosts, near, far, accept } = two();
  expect(near.told).toEqual([]);
  accept();
  hosts.advance(1);
  expect(near.told).toEqual(["opened", "wake"]);
  near.write("there");
  far.write("back");
  hosts.advance(1);
  expect([near.read(), far.read(), near.read()]).toEqual(["back", "there", undefined]);
});

test("lane way: one that leaves is heard to its last word; why comes once, and after that", async () => {
  const { hosts, near, far, accept } = two();
  accept();
  hosts.advance(1);
  expect(near.way.prepareSleep(-1)).toBe(true);
  far.write("last");
  far.way.leave({ type: "shutdown", detail: "done" });
  hosts.advance(1);
  await soon();
  await soon();
  expect(near.told.slice(2)).toEqual(["wake", 'gone {"type":"shutdown","detail":"done"}']);
  expect([near.way.prepareSleep(-1), near.way.prepareSleep(-1, false)]).toEqual([false, true]);
  expect([near.read(), near.read()]).toEqual(["last", undefined]);
  // Nobody waits for what is said to one that is gone.
  expect(near.way.write(Buffer.from("x"), 1)).toBe(true);
  expect(near.way.prepareSleep(1)).toBe(true);
  await soon();
  expect(near.told).toHaveLength(4);
  expect(far.told.filter((each) => each.startsWith("gone"))).toEqual([]);
});

test("lane way: what breaks here, or on the link, is noconnection to both", async () => {
  const broken = two();
  broken.accept();
  broken.hosts.advance(1);
  broken.near.way.close();
  broken.hosts.advance(1);
  expect(broken.far.read()).toBeUndefined();
  await soon();
  const cut = two();
  cut.accept();
  cut.hosts.advance(1);
  cut.hosts.cut();
  cut.hosts.advance(6000);
  for (const end of [cut.near, cut.far]) expect(end.read()).toBeUndefined();
  await soon();
  for (const { told } of [broken.near, broken.far, cut.near, cut.far])
    expect(told.filter((each) => each.startsWith("gone"))).toEqual(['gone "noconnection"']);
});

test("lane way: one that is refused is gone without having been open", async () => {
  const { hosts, near, far, accept } = two();
  far.way.leave("noproc");
  accept();
  hosts.advance(1);
  await soon();
  expect(near.told).toEqual(["wake", 'gone "noproc"']);
});
