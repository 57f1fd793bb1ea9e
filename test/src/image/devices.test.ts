import { builtinModules } from "node:module";
import { describe, expect, test } from "vitest";
import { devicesFor } from "../../../src/image/builtins.ts";
import { checkBootable, parseDevices } from "../../../src/image/devices.ts";
import type { Manifest } from "../../../src/image/manifest.ts";

const manifest: Manifest = {
  name: "app",
  version: "1.0.0",
  entry: "main",
  entries: ["main"],
  devices: ["connect", "store"],
  needs: { main: ["connect", "store"] },
  keys: {},
  targets: ["isolate", "process"],
  protocol: "p",
  modules: {},
};

describe("devices: at the boot", () => {
  test("what is granted boots", () => {
    const boot = {
      path: "app.mote",
      target: { name: "isolate" },
      granted: parseDevices("store,connect,log"),
    };
    expect(() => checkBootable(manifest, boot)).not.toThrow();
  });

  test.each([
    ["not granted", "isolate", "connect", "DEVICE_NOT_GRANTED", /needs store, .*--allow store/],
    ["not there", "process", "connect,store", "TARGET_LACKS_DEVICE", /needs store, .*"process"/],
    ["of a target without code", "wasm", "connect,store", "TARGET_UNSUPPORTED", /"wasm".*isolate, process/],
  ])("a device that is %s is refused", (_what, target, allow, code, text) => {
    const boot = { path: "app.mote", target: { name: target }, granted: parseDevices(allow) };
    expect(() => checkBootable(manifest, boot)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(text) as unknown }),
    );
  });

  test("a device that does not exist is refused by its name", () => {
    expect(() => parseDevices("listen,moon")).toThrow(expect.objectContaining({ code: "DEVICE_UNKNOWN" }));
  });
});

describe("devices: modules of Node", () => {
  test.each([
    ["node:fs/promises", ["store"]],
    ["http", ["listen", "connect"]],
    ["node:child_process", ["spawn"]],
    ["node:path", undefined],
    ["node:made-up", []],
    ["constructor", []],
  ])("%s needs %j", (builtin, needs) => {
    expect(devicesFor(builtin)).toEqual(needs);
  });

  test("those that nobody has looked at are few, and refused", () => {
    const refused = builtinModules.filter((name) => !name.startsWith("_") && devicesFor(name)?.length === 0);
    expect(refused.filter((name) => !/^(domain|repl|sys|trace_events|vm|node:|sea|test)/.test(name))).toEqual(
      [],
    );
  });
});
