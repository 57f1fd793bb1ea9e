import { describe, expect, test } from "vitest";
import { permissionFlags } from "../../../../src/targets/process/permission-flags.ts";

describe("permission-flags", () => {
  test.each([
    ["v20.19.0", "--experimental-permission"],
    ["v22.12.0", "--experimental-permission"],
    ["v22.13.0", "--permission"],
    ["v23.4.0", "--experimental-permission"],
    ["v23.5.0", "--permission"],
    ["v24.0.0", "--permission"],
  ])("permission-flags: Node %s knows it as %s", (version, flag) => {
    expect(permissionFlags(version)[0]).toBe(flag);
  });

  test("permission-flags: no files, no processes, no threads", () => {
    const flags = permissionFlags(process.version);
    expect(flags.filter((flag) => flag.startsWith("--allow"))).toEqual(["--allow-addons"]);
  });

  test("permission-flags: processes, for one that has declared them", () => {
    const flags = permissionFlags(process.version, true);
    expect(flags.filter((flag) => flag.startsWith("--allow"))).toEqual([
      "--allow-addons",
      "--allow-child-process",
    ]);
  });
});
