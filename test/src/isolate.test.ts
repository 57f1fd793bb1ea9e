import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isolate } from "../../src/targets/isolate/host.ts";
import { targetContract } from "../contract/target.ts";
import { targetFaultContract } from "../contract/target-faults.ts";
import { Running } from "../support/motes.ts";
import { fixture } from "./lab.ts";

targetContract(isolate);
targetFaultContract(isolate);

// In a process of its own: the thread does not end before that.
test("isolate: a VM whose thread V8 does not end has ended for its host, which says so and stops", async () => {
  const code = `
    import { bundle, createHost } from ${JSON.stringify(fileURLToPath(new URL("../../dist/src/index.js", import.meta.url)))};
    const log = { line: (source, { text }) => console.log(source + ": " + text) };
    const host = createHost({ log });
    const vm = await host.boot(await bundle(${JSON.stringify(fixture("confined"))}), { name: "stuck", watchdogMs: 200 });
    host.self.cast(vm.root, "search");
    console.log("ended", (await vm.ended).code);
    await host.stop();
    console.log("stopped");
  `;
  const running = new Running("--input-type=module", ["--eval", code]);
  try {
    await running.says(/stopped/);
    expect(running.stdout).toMatch(/stuck: the thread of the VM cannot be ended[^]*ended VM_WEDGED/);
  } finally {
    running.kill();
    await running.ended;
  }
});
