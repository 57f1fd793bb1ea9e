import { expectTypeOf, test } from "vitest";
import { cloud, image } from "../../src/cloud/index.ts";
import type { Cloud, ImageProgram } from "../../src/cloud/index.ts";

const run = image("mote.ts");

test("a cloud's roles know each other by name", () => {
  expectTypeOf(
    cloud({ name: "a", roles: { one: { run, count: 1 }, other: { run, count: 1, apart: ["one"] } } }),
  ).toEqualTypeOf<Cloud>();
  // @ts-expect-error there is no such role
  cloud({ name: "a", roles: { one: { run, count: 1 }, other: { run, count: 1, apart: ["none"] } } });
  // @ts-expect-error there is no such target
  cloud({ name: "a", roles: { one: { run, count: 1, targets: ["vax"] } } });
  // @ts-expect-error a misspelt option
  cloud({ name: "a", roles: { one: { run, count: 1, memory: 1 } } });
});

test("keys are those of the program's module of keys", () => {
  interface Keys {
    readonly port: number;
    readonly title: string;
  }
  expectTypeOf(image<Keys>("mote.ts", { keys: { port: 1 } })).toEqualTypeOf<ImageProgram>();
  // @ts-expect-error of another type
  image<Keys>("mote.ts", { keys: { port: "1" } });
  // @ts-expect-error there is no such key
  image<Keys>("mote.ts", { keys: { prot: 1 } });
});
