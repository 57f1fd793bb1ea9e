import { expect, test } from "vitest";
import type { MachineOptions } from "../../../../src/targets/wasm/machine.ts";
import type { Template } from "../../../../src/targets/wasm/template.ts";
import { Templates } from "../../../../src/targets/wasm/templates.ts";

// Sound: no more of it is looked at.
const optionsFor = (path: string): MachineOptions => ({ image: { path } }) as MachineOptions;

test("templates: one for each image, and of too many the oldest is closed", () => {
  const open: string[] = [];
  const templates = new Templates(({ image: { path } }) => {
    open.push(path);
    const close = (): void => void open.splice(open.indexOf(path), 1);
    // Sound: no more of it is used.
    return { image: { close } } as Template;
  });
  const first = optionsFor("first");
  const made = templates.for(first);
  expect(templates.for(first)).toBe(made);
  for (let n = 1; n < 40; n++) templates.for(optionsFor(`image ${n}`));
  expect([open.length, open[0], open.at(-1)]).toEqual([32, "image 8", "image 39"]);
  expect(templates.for(first)).not.toBe(made);
  expect(open.length).toBe(32);
});

test("templates: an image that comes to no template is tried again", () => {
  let tries = 0;
  const templates = new Templates(() => (tries++, "interrupted"));
  const broken = optionsFor("broken");
  expect([templates.for(broken), templates.for(broken), tries]).toEqual(["interrupted", "interrupted", 2]);
});
