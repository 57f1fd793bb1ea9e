import { expect, test } from "vitest";
import { WireLines } from "../../../../src/targets/qemu/wire-lines.ts";

test("wire: lines and bytes that wake come apart, wherever those stand", () => {
  const heard: string[] = [];
  const lines = new WireLines(
    (line) => heard.push(line),
    () => heard.push("!"),
  );
  lines.push(Buffer.from('{"a":"\x01'));
  lines.push(Buffer.from('ü"}\n\x01{"b'));
  lines.push(Uint8Array.of(1));
  lines.push(Buffer.from('":1}\n'));
  expect(heard).toEqual(["!", '{"a":"ü"}', "!", "!", '{"b":1}']);
});
