/** Who owns a port's process may die in any way: nothing of the process is left. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createHost, isolate, processTarget, type RunningVm } from "../../../src/index.ts";
import { runnable } from "../../../src/image/run.ts";
import { motes } from "../../support/motes.ts";
import { eventually } from "../eventually.ts";
import { Journal } from "../journal.ts";
import { guardsOf, inGroup, isThere, parentOf } from "./proc.ts";

const file = fileURLToPath(new URL("fixtures/family.ts", import.meta.url));
const image = await runnable(file, {});
const goneMs = 5000;

async function whole(pid: number): Promise<void> {
  await eventually(
    () => inGroup(pid),
    ({ length }) => length === 5,
  );
}

/** A few ms, and on a busy machine more. */
async function gone(pid: number): Promise<void> {
  await eventually(
    () => inGroup(pid),
    ({ length }) => length === 0,
    goneMs,
  );
}

describe.each([isolate, processTarget])("orphans: in the target $name", (target) => {
  const ways: readonly (readonly [string, (vm: RunningVm) => Promise<unknown>])[] = [
    ["stopped", (vm) => vm.stop()],
    ["killed", (vm) => vm.kill()],
  ];
  test.each(ways)("a VM that is %s leaves no process", async (_what, end) => {
    const log = new Journal();
    const host = createHost({ target, log });
    const vm = await host.boot(image);
    const pid = Number((await log.until(/family \d+/)).text.split(" ").at(-1));
    await whole(pid);
    // Starting it is what the program has declared.
    expect(log.matching(/refused/)).toEqual([]);
    await end(vm);
    await gone(pid);
    await host.stop();
  });

  test("a host that is killed leaves no process, and no guard", async () => {
    const run = motes(["run", "--target", target.name, file]);
    const pid = Number((await run.says(/family (\d+)/))[1]);
    await whole(pid);
    const [guard = 0, ...others] = guardsOf(parentOf(pid));
    expect(others).toEqual([]);
    run.kill();
    await gone(pid);
    await eventually(
      () => isThere(guard),
      (there) => !there,
    );
    await run.ended;
  });
});
