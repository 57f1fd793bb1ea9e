import { expect, test } from "vitest";
import { SerialBell } from "../../../../src/targets/qemu/serial-bell.ts";

test("serial bell: one byte a sleep, and none to who is awake", () => {
  let sent = 0;
  const wire = { ring: () => void sent++, onRing: () => {} };
  const words = new Int32Array(new SharedArrayBuffer(4));
  const bell = new SerialBell(words, 0, wire);
  bell.ring();
  bell.ring();
  expect(sent).toBe(1);
  bell.arm();
  bell.ring();
  expect(sent).toBe(2);
});

test("serial bell: who has been rung before it waits is told so at once, and a byte wakes it later", () => {
  const wire = { ring: () => {}, onRing: () => {} };
  const bell = new SerialBell(new Int32Array(new SharedArrayBuffer(4)), 0, wire);
  let woken = 0;
  bell.arm();
  expect(bell.wait(() => woken++)).toBe(false);
  wire.onRing();
  expect(woken).toBe(1);
  bell.ring();
  expect(bell.wait(() => woken++)).toBe(true);
});
