import { describe, expect, test } from "vitest";
import {
  actor,
  asSealed,
  behaviorOf,
  process,
  refTo,
  selfOf,
  unikernel,
  type AnyUnikernel,
} from "../../../kernel/index.ts";
import { Init, type InitProtocol, type InitResult } from "../../../src/targets/init.ts";
import { outside } from "../../../src/host/outside.ts";
import { testKernel } from "../../support/test-platform.ts";

/** What the host hears of a VM with such a root. */
async function booted(program: AnyUnikernel, probe: boolean | undefined): Promise<InitResult> {
  const { kernel, settle } = testKernel();
  const sealed = asSealed(program);
  if (sealed === undefined) throw new Error("no unikernel");
  const init = refTo<InitProtocol>(kernel.spawn(new Init(sealed), [], null).ref);
  const self = selfOf(kernel.spawn(behaviorOf(outside), [], null));
  const asked = self.callWithin(Infinity, init, "init", {
    entry: undefined,
    args: undefined,
    owner: self.ref,
    probe,
  });
  let result: InitResult | undefined;
  void asked.then((answer) => {
    result = answer;
  });
  await settle();
  if (result === undefined) throw new Error("it has not answered");
  return result;
}

const rootThat = (health?: () => boolean | string | Promise<boolean>): AnyUnikernel =>
  unikernel({ root: actor({ init: () => ({}), version: 7, ...(health === undefined ? {} : { health }) }) });

describe("init: what a root says of its health comes with the answer to its boot", () => {
  test.each([
    ["it says nothing of it", rootThat(), undefined],
    ["it is well", rootThat(() => true), undefined],
    ["it is not", rootThat(() => "no disk"), "no disk"],
    [
      "it throws",
      rootThat(() => {
        throw new Error("oops");
      }),
      expect.stringContaining("oops") as string,
    ],
  ])("init: %s", async (_what, program, unwell) => {
    expect(await booted(program, true)).toMatchObject({ type: "booted", probe: { version: 7, unwell } });
  });

  test("init: but nobody waits for one that takes its time", async () => {
    const result = await booted(
      rootThat(() => new Promise(() => {})),
      true,
    );
    expect(result).toEqual({ type: "booted", vm: 1, root: expect.anything() as object });
  });

  test("init: nor if nobody asks, or its kind says nothing of itself", async () => {
    let asked = 0;
    const health = (): boolean => ++asked > 0;
    expect(await booted(rootThat(health), undefined)).not.toHaveProperty("probe");
    const silent = unikernel({
      root: process(function* (self) {
        yield* self.receive();
      }),
    });
    expect(await booted(silent, true)).not.toHaveProperty("probe");
    expect(asked).toBe(0);
  });
});
