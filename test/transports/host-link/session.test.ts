import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frame, FrameWriter } from "../../../transports/host-link/frames.ts";
import { helloOf } from "../../../transports/host-link/hello.ts";
import { resolveLimits } from "../../../transports/host-link/limits.ts";
import { packetHeaderBytes, preamble, sealPacket } from "../../../transports/host-link/packet.ts";
import { Session } from "../../../transports/host-link/session.ts";
import { type HostIdentity, loadChecksum, MemoryHosts } from "../../../transports/index.ts";
import { host, Listener } from "../../contract/host-pair.ts";

const checksum = await loadChecksum();
const limits = resolveLimits({ laneWindowBytes: 32 * 1024, receiveBytesMax: 256 * 1024 });

/** Speaks to an acceptor as it likes. */
class Forger {
  readonly heard = new Listener();
  readonly sent: Uint8Array[] = [];
  readonly session: Session;
  private packets = 0;

  constructor() {
    this.session = new Session({
      role: "acceptor",
      own: host("b"),
      limits,
      checksum,
      events: this.heard,
      nowMs: 0,
      output: {
        send: (packet) => void this.sent.push(packet),
        queuedBytes: 0,
        schedule: () => {},
        ended: () => {},
      },
    });
  }

  hello(own: Partial<HostIdentity> = {}, json?: string): this {
    this.session.receive(preamble(), 0);
    const said = json === undefined ? helloOf(host("a", own), limits) : new TextEncoder().encode(json);
    return this.says((out) => out.number(frame.hello).blob(said));
  }

  says(write: (out: FrameWriter) => unknown): this {
    this.session.receive(this.packet(write), 0);
    this.session.flush();
    return this;
  }

  packet(write: (out: FrameWriter) => unknown): Uint8Array {
    const out = new FrameWriter(300_000);
    write(out);
    const packet = out.take();
    sealPacket(packet, this.packets++, checksum);
    return packet;
  }

  get code(): string | undefined {
    return this.heard.codes[0];
  }
}

const opened = (): Forger =>
  new Forger().hello().says((out) => out.number(frame.open).number(0).number(7).number(8).number(1000));
const bytes = (length: number) => new Uint8Array(length);

describe("host link: a hostile peer", () => {
  test.each<readonly [string, (forger: Forger) => unknown]>([
    [
      "a frame before hello",
      (f) => (f.session.receive(preamble(), 0), f.says((out) => out.number(frame.ping).number(1))),
    ],
    [
      "a second hello",
      (f) => f.hello().says((out) => out.number(frame.hello).blob(helloOf(host("a"), limits))),
    ],
    ["a hello that is no JSON", (f) => f.hello({}, "{")],
    ["a hello that is null", (f) => f.hello({}, "null")],
    ["a hello without a name", (f) => f.hello({}, '{"cluster":"test"}')],
    ["a name with a dot", (f) => f.hello({ name: "a.b" })],
    ["a hello of 9 KiB", (f) => f.hello({}, " ".repeat(9 * 1024))],
    ["a kind that is none", (f) => f.hello().says((out) => out.number(99).number(0))],
    [
      "data on a lane never opened",
      (f) => f.hello().says((out) => out.number(frame.data).number(4).blob(bytes(3))),
    ],
    [
      "credit for a lane never opened",
      (f) => f.hello().says((out) => out.number(frame.credit).number(1).number(3)),
    ],
    [
      "a lane with our own number",
      (f) => f.hello().says((out) => out.number(frame.open).number(1).number(1).number(1).number(1)),
    ],
    [
      "a lane opened twice",
      (f) => {
        f.hello();
        for (let i = 0; i < 2; i++)
          f.says((out) =>
            out
              .number(frame.open)
              .number(0)
              .number(7 + i)
              .number(8)
              .number(9),
          );
      },
    ],
    [
      "a window of 2 GiB",
      (f) =>
        f.hello().says((out) =>
          out
            .number(frame.open)
            .number(0)
            .number(1)
            .number(1)
            .number(2 ** 31),
        ),
    ],
    ["a number without end", (f) => f.hello().says((out) => out.bytes.fill(0xff, out.at, (out.at += 20)))],
    [
      "a record past its packet",
      (f) =>
        f
          .hello()
          .says((out) =>
            out
              .number(frame.open)
              .number(0)
              .number(7)
              .number(8)
              .number(9)
              .number(frame.data)
              .number(0)
              .number(50),
          ),
    ],
  ])("host link: %s closes the link with LINK_CORRUPT", (_what, act) => {
    const forger = new Forger();
    act(forger);
    expect(forger.code).toBe("LINK_CORRUPT");
  });

  test.each<readonly [string, (forger: Forger) => unknown]>([
    [
      "more credit than the window it has",
      (f) => f.says((out) => out.number(frame.credit).number(0).number(1)),
    ],
    ["a yes to its own lane", (f) => f.says((out) => out.number(frame.accept).number(0).number(1))],
    [
      "a second lane of the same VMs",
      (f) => f.says((out) => out.number(frame.open).number(2).number(7).number(8).number(1)),
    ],
    [
      "a lane closed twice",
      (f) =>
        f.says((out) => {
          for (let i = 0; i < 2; i++) out.number(frame.close).number(0).text("c").text("t");
        }),
    ],
    [
      "a record longer than was agreed",
      (f) => f.says((out) => out.number(frame.data).number(0).blob(bytes(9000))),
    ],
    [
      "data beyond its credit",
      (f) => {
        for (let i = 0; i < 6; i++) f.says((out) => out.number(frame.data).number(0).blob(bytes(8000)));
      },
    ],
  ])("host link: on an open lane, %s closes the link with LINK_CORRUPT", (_what, act) => {
    const forger = opened();
    expect(forger.code).toBeUndefined();
    act(forger);
    expect(forger.code).toBe("LINK_CORRUPT");
    expect(forger.session.statistics.heldBytes).toBeLessThanOrEqual(limits.receiveBytesMax);
  });

  test("host link: data for a lane that nobody has accepted is beyond its credit", () => {
    const forger = new Forger().hello();
    forger.heard.accepts = false;
    forger.says((out) => out.number(frame.open).number(0).number(7).number(8).number(1000));
    expect(forger.code).toBeUndefined();
    forger.says((out) => out.number(frame.data).number(0).blob(bytes(1)));
    expect(forger.code).toBe("LINK_CORRUPT");
  });

  test("host link: lanes without end are refused one by one, and cost nothing", () => {
    const forger = new Forger().hello();
    for (let lane = 0; lane < 600; lane++)
      forger.says((out) =>
        out
          .number(frame.open)
          .number(2 * lane)
          .number(lane)
          .number(1)
          .number(100)
          .number(frame.close)
          .number(2 * lane)
          .text("c")
          .text("t"),
      );
    expect(forger.code).toBeUndefined();
    expect(forger.session.statistics.lanes).toBe(0);
    for (let lane = 600; lane < 1200; lane++)
      forger.says((out) =>
        out
          .number(frame.open)
          .number(2 * lane)
          .number(lane)
          .number(1)
          .number(100),
      );
    expect(forger.session.statistics.lanes).toBeLessThan(20);
  });

  test("host link: a peer that opens lanes and never closes them is closed before they fill the memory", () => {
    const forger = new Forger().hello();
    let lanes = 0;
    const openMore = (out: FrameWriter): void => {
      for (let i = 0; i < 5000; i++, lanes++)
        out
          .number(frame.open)
          .number(2 * lanes)
          .number(lanes)
          .number(1)
          .number(100);
    };
    for (let packet = 0; packet < 20 && forger.code === undefined; packet++) forger.says(openMore);
    expect(forger.code).toBe("LINK_CORRUPT");
    expect(lanes).toBeLessThan(80_000);
  });

  test("host link: thousands of lanes fit at the defaults, the first ones wide", () => {
    const [a, b] = [new Listener(), new Listener()];
    const hosts = new MemoryHosts({ own: host("a"), events: a }, { own: host("b"), events: b }, checksum);
    hosts.advance(1);
    const [near] = hosts.links;
    const lanes = Array.from({ length: 2000 }, (_, vm) => near.open(vm, 1));
    hosts.advance(1);
    expect(b.lanes).toHaveLength(2000);
    expect(lanes.every(({ state }) => state === "open")).toBe(true);
    expect(lanes[0]?.statistics.creditBytes).toBe(512 * 1024);
    expect(lanes.at(-1)?.statistics.creditBytes).toBeGreaterThan(16 * 1024);
  });

  test("host link: silence before hello is a time-out, and the reason is told", () => {
    const forger = new Forger();
    forger.session.tick(limits.helloTimeoutMs - 1);
    expect(forger.code).toBeUndefined();
    forger.session.tick(limits.helloTimeoutMs);
    expect(forger.code).toBe("LINK_HELLO_TIMEOUT");
  });

  test("host link: whatever is changed in what a good peer says, it ends with a code or goes on, within bounds", () => {
    const codes = new Set<string | undefined>();
    const good = goodBytes();
    const change = fc.record({ at: fc.nat(), to: fc.nat(255), cut: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.boolean(), (changes, resealed) => {
        const forger = new Forger();
        forger.session.receive(preamble(), 0);
        for (const [number, body] of good.entries()) {
          const wrong = Uint8Array.from(body);
          for (const { at, to } of changes)
            if (at % good.length === number) wrong[(at >> 3) % wrong.length] = to;
          const packet = new Uint8Array(packetHeaderBytes + wrong.length);
          packet.set(resealed ? wrong : body, packetHeaderBytes);
          sealPacket(packet, number, checksum);
          if (!resealed) packet.set(wrong, packetHeaderBytes);
          forger.session.receive(packet, 0);
          forger.session.flush();
          expect(forger.session.statistics.heldBytes).toBeLessThanOrEqual(limits.receiveBytesMax);
        }
        codes.add(forger.code);
        expect(forger.heard.codes.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
    expect(codes.size).toBeGreaterThan(2);
    for (const code of codes) expect(code ?? "LINK_").toMatch(/^LINK_/);
  });
});

/** Frames of a talk with everything in it. */
function goodBytes(): Uint8Array[] {
  const bodies = [
    (out: FrameWriter) => out.number(frame.hello).blob(helloOf(host("a"), limits)),
    (out: FrameWriter) =>
      out.number(frame.open).number(0).number(7).number(8).number(1000).number(frame.ping).number(5),
    (out: FrameWriter) =>
      out.number(frame.data).number(0).blob(bytes(30)).number(frame.data).number(0).blob(bytes(0)),
    (out: FrameWriter) => out.number(frame.open).number(2).number(9).number(8).number(70_000),
    (out: FrameWriter) =>
      out.number(frame.pong).number(5).number(frame.close).number(0).text("code").text("text"),
    (out: FrameWriter) => out.number(frame.bye).text("code").text("text"),
  ];
  return bodies.map((write) => {
    const out = new FrameWriter(20_000);
    write(out);
    return out.take().slice(packetHeaderBytes);
  });
}

describe("host link: a bad wire", () => {
  const joined = () => {
    const [a, b] = [new Listener(), new Listener()];
    const hosts = new MemoryHosts({ own: host("a"), events: a }, { own: host("b"), events: b }, checksum);
    hosts.advance(1);
    const [near, far] = hosts.links;
    expect([near.state, far.state]).toEqual(["up", "up"]);
    return { hosts, near, far, a, b };
  };

  test("host link: a lost packet ends it with LINK_GAP, a damaged one with LINK_DAMAGED", () => {
    const lost = joined();
    lost.hosts.lose("dialer", 1);
    lost.near.open(1, 2);
    lost.hosts.advance(1);
    lost.near.open(3, 4);
    lost.hosts.advance(1);
    expect([lost.b.codes, lost.a.codes]).toEqual([["LINK_GAP"], ["LINK_CLOSED"]]);
    const damaged = joined();
    damaged.hosts.delay(5);
    damaged.near.open(1, 2);
    damaged.hosts.advance(1);
    expect(damaged.hosts.damage("dialer")).toBe(true);
    damaged.hosts.advance(20);
    expect([damaged.b.codes, damaged.a.codes]).toEqual([["LINK_DAMAGED"], ["LINK_CLOSED"]]);
  });

  test("host link: cut one way, the end that hears nothing tells the other", () => {
    const { hosts, a, b } = joined();
    hosts.cut("dialer");
    hosts.advance(5500);
    expect(b.codes).toEqual(["LINK_SILENT"]);
    expect(a.codes.length).toBe(1);
  });

  test("host link: a host that stood still hears what came meanwhile before it gives its peer up", () => {
    const { near, a } = joined();
    // Sound: it is what a link in memory is.
    const session = near as Session;
    session.tick(20_000);
    expect(a.codes).toEqual([]);
    session.tick(20_500);
    expect(a.codes).toEqual([]);
    session.tick(21_001);
    expect(a.codes).toEqual(["LINK_SILENT"]);
  });
});
