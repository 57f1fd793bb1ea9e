import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { targetBelow } from "../../../src/host/boundary.ts";
import type { RunningVm } from "../../../src/index.ts";
import { runnable } from "../../../src/image/run.ts";
import type { Hostile } from "../../contract/fixtures/hostile.ts";
import { Lab } from "../lab.ts";

const weaker = expect.objectContaining({ code: "TARGET_WEAKER" }) as Error;

describe("boundary", () => {
  const lab = new Lab();
  afterEach(() => lab.close());

  test("boundary: what is asked for if it is no weaker, else nothing", () => {
    expect(targetBelow("isolate", "process", "isolate")).toBe("process");
    expect(targetBelow("process", "wasm", "isolate")).toBe("wasm");
    expect(targetBelow("wasm", "qemu", "isolate")).toBe("qemu");
    for (const booter of ["wasm", "process", "qemu"])
      expect(() => targetBelow(booter, "isolate", booter)).toThrow(weaker);
    expect(() => targetBelow("qemu", "process", "process")).toThrow(weaker);
    expect(() => targetBelow("process", "a target of one's own", "process")).toThrow(weaker);
  });

  test("boundary: the host's standard where nothing is asked for, unless that is weaker than the booter", () => {
    expect(targetBelow("isolate", undefined, "process")).toBe("process");
    expect(targetBelow("qemu", undefined, "isolate")).toBe("qemu");
  });

  test("boundary: a VM that was put into a process boots none that are not, and the attempt is logged", async () => {
    const { host, journal } = lab.host();
    const image = await runnable(
      fileURLToPath(new URL("../../contract/fixtures/hostile.ts", import.meta.url)),
      {},
    );
    // Sound: the fixture says so.
    const { root } = (await host.boot(image, { name: "hostile", target: "process" })) as RunningVm<Hostile>;
    expect(await host.self.call(root, "boot", "pawn", "isolate")).toMatch(/whose boundary is weaker/);
    expect((await journal.until(/refused: .*boundary is weaker/)).vm).toBe("hostile");
    expect(await host.self.call(root, "boot", "pawn")).toBe("open");
    expect(journal.matching(/ended/)).toEqual([]);
  });
});
