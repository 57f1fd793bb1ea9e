import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isolate, processTarget, type Image, type RunningVm, type Target } from "../../../src/index.ts";
import { runnable } from "../../../src/image/run.ts";
import { confinementOf } from "../../../src/targets/confine.ts";
import type { Network } from "../fixtures/network.ts";
import { fixture, Lab } from "../lab.ts";

describe("confine: VMs of one image with different devices", () => {
  const lab = new Lab();
  const server = createServer((socket) => void socket.destroy());
  let port = 0;
  let image: Image;
  beforeAll(async () => {
    image = await runnable(fixture("network"), {});
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  });
  afterAll(() => void server.close());
  afterEach(() => lab.close());

  const ways: readonly [target: Target, entry: string, listens: string, connects: string][] = [
    [isolate, "main", "DEVICE_REFUSED", "DEVICE_REFUSED"],
    [isolate, "listener", "open", "DEVICE_REFUSED"],
    [isolate, "caller", "DEVICE_REFUSED", "open"],
    [processTarget, "main", "DEVICE_REFUSED", "DEVICE_REFUSED"],
    [processTarget, "listener", "open", "DEVICE_REFUSED"],
    [processTarget, "caller", "DEVICE_REFUSED", "open"],
  ];
  test.each(ways.map(([target, ...rest]) => [target.name, target, ...rest] as const))(
    "confine: in %s the unikernel %#: listening and connecting",
    async (_name, target, entry, listens, connects) => {
      const { host } = lab.host({ target });
      // Sound: the fixture says so.
      const { root } = (await host.boot(image, { entry, args: [] })) as RunningVm<Network>;
      expect([await host.self.call(root, "listen"), await host.self.call(root, "connect", port)]).toEqual([
        listens,
        connects,
      ]);
    },
  );

  test("confine: the environment is for the unikernel that declares it", async () => {
    const { host } = lab.host();
    for (const [entry, has] of [
      ["main", false],
      ["reader", true],
    ] as const) {
      // Sound: the fixture says so.
      const { root } = (await host.boot(image, { entry, args: [] })) as RunningVm<Network>;
      expect(await host.self.call(root, "env")).toBe(has);
    }
  });

  test("confine: with spawn everything is open but the environment", () => {
    const { modules, needs, granted } = confinementOf(["spawn"]);
    expect([modules["node:net"], modules["fs"], modules["os"]]).toEqual([true, true, undefined]);
    expect([needs["os"], granted.connect, granted.env]).toEqual(["needs the device env", true, undefined]);
  });
});
