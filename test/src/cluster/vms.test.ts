/** An actor of which a cluster has one, in VMs that have nothing of the network: its keeper has. */
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { bundle, createHost } from "../../../src/index.ts";
import { missingNats, NatsServer } from "../../support/nats-server.ts";
import { testWith } from "../../support/required.ts";
import { eventually } from "../eventually.ts";
import type app from "../fixtures/cluster-app.ts";

const program = fileURLToPath(new URL("../fixtures/cluster-app.ts", import.meta.url));

testWith(
  missingNats,
  "elected: of two VMs, one an isolate and one in WebAssembly, one has the actor, and the other follows",
  async () => {
    const server = await NatsServer.start(`jetstream { store_dir: "DIR/js" }`);
    const host = createHost({ log: { line: () => {} } });
    try {
      const vm = await host.boot(await bundle<typeof app>(program), { args: [server.url] });
      const { one, other } = await host.self.call(vm.root, "children");
      const statuses = () => Promise.all([one, other].map((rival) => host.self.call(rival, "status")));
      const leading = async () => (await statuses()).find(({ state }) => state === "leader");
      const first = await eventually(leading, (status) => status !== undefined);
      if (first?.leader === undefined) throw new Error("no leader");
      expect(await host.self.call(first.leader, "add")).toEqual({ token: first.token, n: 1 });
      expect((await statuses()).map(({ state }) => state).sort()).toEqual(["candidate", "leader"]);
      for (const rival of [one, other]) host.self.cast(rival, "resign");
      const second = await eventually(
        leading,
        (status) => status !== undefined && status.token !== first.token,
      );
      if (second?.leader === undefined) throw new Error("no leader");
      expect(second.token).toBeGreaterThan(first.token ?? Infinity);
      expect(second.leader.vm).not.toBe(first.leader.vm);
      expect(await host.self.call(second.leader, "add")).toEqual({ token: second.token, n: 1 });
    } finally {
      await host.stop();
      await server.stop();
    }
    expect(host.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
  },
);
