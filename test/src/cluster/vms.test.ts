import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { buildImage } from "../../../src/image/build.ts";

const program = fileURLToPath(new URL("../fixtures/cluster-app.ts", import.meta.url));

test("x", async () => {
  const { manifest } = await buildImage(program).catch((p) => { console.log(p.message); throw p; });
  console.log(manifest);
});
