import { expect, test } from "vitest";
import { cloud, image } from "../../../src/cloud/cloud.ts";
import { fill, fillAll } from "../../../src/cloud/fill.ts";

const [role] = cloud({ name: "a", roles: { mote: { run: image("a.ts"), count: 1 } } }).roles;
if (role === undefined) throw new Error("there is none");
const vm = { role, ordinal: 7, epoch: 12 };

test("fill: what a VM is, in its texts", () => {
  expect(fill("{name} of {role}: {ordinal}, {ordinal+9000}, {epoch}, {other}, {}", vm)).toBe(
    "mote/7 of mote: 7, 9007, 12, {other}, {}",
  );
});

test("fill: a text that is a blank alone becomes a number, at any depth; others stay what they are", () => {
  const args = [
    { port: "{ordinal+9000}", name: "{name}", list: ["{ordinal}", "{ordinal}{epoch}", "7", 5, null, true] },
  ];
  expect(fillAll(args, vm)).toEqual([{ port: 9007, name: "mote/7", list: [7, 712, "7", 5, null, true] }]);
});
