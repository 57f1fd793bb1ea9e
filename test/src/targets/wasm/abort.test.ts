/** The abort controller of a VM in WebAssembly. */
import { expect, test } from "vitest";
import { SmallAbortController } from "../../../../src/targets/wasm/abort.ts";

test("wasm abort: listeners hear it once, unless they were removed, and the reason stays", () => {
  const controller = new SmallAbortController();
  const heard: string[] = [];
  const removed = (): void => void heard.push("removed");
  controller.signal.addEventListener("abort", () => void heard.push("listener"));
  controller.signal.addEventListener("abort", removed);
  controller.signal.removeEventListener("abort", removed);
  controller.signal.onabort = () => void heard.push("onabort");
  controller.signal.throwIfAborted();
  controller.abort("why");
  controller.abort("again");
  expect(heard).toEqual(["onabort", "listener"]);
  expect(controller.signal).toMatchObject({ aborted: true, reason: "why" });
  expect(() => controller.signal.throwIfAborted()).toThrow("why");
});
