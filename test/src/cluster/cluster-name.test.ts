import { expect, test } from "vitest";
import { actor, type Call, type Self } from "../../../kernel/index.ts";
import {
  clusterName,
  elected,
  leaseKeeper,
  MemoryLeases,
  whereis,
  type Term,
} from "../../../src/cluster/index.ts";
import { createHost } from "../../../src/index.ts";
import { eventually } from "../eventually.ts";
import { play, type Told } from "./scene.ts";

const counters = clusterName<Told>("it");

test("whereis: finds the actor of a name, whoever has it; nobody, if there is none", async () => {
  await play(function* ({ self, join }) {
    expect(yield* whereis(self, counters)).toBeUndefined();
    const a = join("a");
    join("b");
    yield* self.sleep(100);
    const found = yield* whereis(self, counters);
    const { leader, token } = yield* self.call(a, "status");
    expect(found).toEqual({ ref: leader, token });
    self.cast(a, "resign");
    yield* self.sleep(100);
    const next = yield* whereis(self, counters);
    expect(next?.token).toBeGreaterThan(found?.token ?? Infinity);
    expect(yield* whereis(self, clusterName<Told>("other"))).toBeUndefined();
    // As in an async handler.
    expect(() => clusterName("no name")).toThrow(expect.objectContaining({ code: "LEASE_OPTION" }));
  });
});

test("whereis: finds it on another host, and what it finds is spoken to", async () => {
  const [a, b] = [createHost({ log: { line: () => {} } }), createHost({ log: { line: () => {} } })];
  try {
    const { address } = await a.join({
      name: "a",
      tcp: { security: "plain", listen: { host: "127.0.0.1", port: 0 } },
    });
    if (address === undefined) throw new Error("a does not listen");
    await b.join({ name: "b", tcp: { security: "plain", peers: { a: address } } });
    const tokens = clusterName<Call<"token", [], number>>("tokens");
    const teller = actor({
      init: (_self: Self<never>, term: Term) => term,
      call: { token: ({ token }) => token },
    });
    const leases = new MemoryLeases();
    const { ref: keeper } = await b.self.start(leaseKeeper(() => leases.open()));
    const { ref: seat } = await b.self.start(elected(teller, { name: tokens, ttlMs: 5000 }), keeper);
    const found = await eventually(
      async () => whereis(a.self, tokens),
      (named) => named !== undefined,
    );
    if (found === undefined) throw new Error("not found");
    expect(found.ref.host).toMatch(/^b~/);
    expect(await a.self.call(found.ref, "token")).toBe(found.token);
    b.self.exit(seat, "shutdown");
    await eventually(
      async () => whereis(a.self, tokens),
      (named) => named === undefined,
    );
    b.self.exit(keeper, "shutdown");
  } finally {
    await b.stop();
    await a.stop();
  }
});
