import { expect, test } from "vitest";
import { cloudOperations } from "../../../../src/cli/cloud/operations.ts";
import { cloud, image } from "../../../../src/cloud/cloud.ts";
import type { Cloud } from "../../../../src/cloud/declaration.ts";
import type { LocalCloud } from "../../../../src/cloud/local/local-cloud.ts";
import { noStatus } from "../../../../src/cloud/status.ts";
import { textOf } from "../../../../src/cloud/shared/json.ts";

const run = image("./mote.ts", { args: [Infinity, "{name}"] });
const declared = cloud({ name: "dust", roles: { mote: { run, count: 3 } } });

test("cloud operations: what is declared is what whoever asks has read, and not what this process would read", async () => {
  const status = { ...noStatus, leader: undefined, knownAgoMs: 0 };
  const given: (readonly [Cloud, string])[] = [];
  // Sound: `cloud.declare` asks for no more of it.
  const kept = {
    declare: (wanted: Cloud, folder: string) => {
      given.push([wanted, folder]);
      return Promise.resolve();
    },
    settled: () => Promise.resolve(true),
    status: () => status,
  } as Partial<LocalCloud> as LocalCloud;
  const operations = cloudOperations(kept, () => {});
  const outcome = await operations["cloud.declare"]?.(textOf(declared), "/where/it/is", 1000);
  expect(outcome).toEqual({ converged: true, status });
  expect(given).toEqual([[declared, "/where/it/is"]]);
  await expect(operations["cloud.declare"]?.("{}", "/", 1)).rejects.toThrow(
    expect.objectContaining({ code: "CLOUD_OPTION" }),
  );
});
