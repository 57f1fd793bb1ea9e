import { expect, test } from "vitest";
import { Room } from "../../../src/host/room.ts";

test("room: so many VMs, and so much memory of all together, whatever comes and goes", () => {
  const vms = new Map<number, { readonly memoryMb: number }>();
  const room = new Room(3, 100, vms);
  room.check(100);
  vms.set(1, { memoryMb: 60 });
  expect([room.has(40), room.has(41)]).toEqual([true, false]);
  expect(() => room.check(41)).toThrow(/60 of 100 MiB are taken/);
  vms.set(2, { memoryMb: 1 }).set(3, { memoryMb: 1 });
  expect(() => room.check(1)).toThrow(expect.objectContaining({ code: "TOO_MANY_VMS" }));
  vms.delete(1);
  room.check(98);
  expect(new Room(1, Infinity, new Map()).has(1e9)).toBe(true);
});
