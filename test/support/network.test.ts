import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { expect } from "vitest";
import { missingNetwork, Network } from "./network.ts";
import { testWith } from "./required.ts";

/** Answers each datagram, and says when it is there. */
const echo = `
const socket = require("node:dgram").createSocket("udp4");
socket.on("message", (bytes, { address, port }) => { console.log("heard"); socket.send(bytes, port, address); });
socket.bind(7, () => console.log("there"));`;

/** Exit status 0: an answer came. */
const ask = (address: string): string => `
const socket = require("node:dgram").createSocket("udp4");
socket.on("message", () => process.exit(0));
setTimeout(() => process.exit(1), 500);
socket.send("x", 7, "${address}");`;

testWith(missingNetwork, "network: ways are cut one by one, and healed, and nothing is left", async () => {
  const network = Network.open("a", "b", "c");
  const heard: string[] = [];
  try {
    const server = network.spawn("b", process.execPath, ["-e", echo], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    server.stdout?.on("data", (bytes: Buffer) => heard.push(...bytes.toString().trim().split("\n")));
    await once(server.stdout ?? server, "data");
    const answered = async (from: string): Promise<boolean> => {
      const asking = network.spawn(from, process.execPath, ["-e", ask(network.address("b"))], {});
      const [status] = (await once(asking, "exit")) as [number];
      return status === 0;
    };
    expect(await answered("a")).toBe(true);
    network.cut("b", "a");
    expect([await answered("a"), await answered("c")]).toEqual([false, true]);
    network.cut("a", "b");
    network.heal("b", "a");
    const before = heard.length;
    expect([await answered("a"), heard.length]).toEqual([false, before]);
    network.join("a", "b");
    expect(await answered("a")).toBe(true);
    server.kill("SIGKILL");
    await once(server, "close");
  } finally {
    network.close();
  }
  const left = spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout;
  expect(left).not.toContain(`motes-${process.pid}-`);
});
