import { test } from "vitest";
import { simulate } from "../../src/testing/index.ts";
import { pingPong } from "./apps/ping-pong.ts";

test("try", async () => {
  const t = performance.now();
  const r = await simulate(pingPong(5), { seed: 3, untilMs: 2000, traceLines: 100000 });
  console.log(r.trace.slice(0, 60).join("\n"));
  console.log(r.trace.slice(-60).join("\n"), { ...r, trace: 0 }, performance.now() - t);
});
