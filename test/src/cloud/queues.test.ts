import fc from "fast-check";
import { expect, test } from "vitest";
import { restartWaitMs } from "../../../src/cloud/backoff.ts";
import { DueHeap } from "../../../src/cloud/due-heap.ts";
import { HostHeap } from "../../../src/cloud/host-heap.ts";
import { OrdinalQueue } from "../../../src/cloud/ordinal-queue.ts";
import { vmState, VmTable } from "../../../src/cloud/vm-table.ts";

test("host heap: the least key comes first, whatever was put, moved and taken", () => {
  const step = fc.tuple(fc.nat(20), fc.option(fc.nat(9)));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const heap = new HostHeap();
      const model = new Map<number, number>();
      for (const [host, key] of steps) {
        if (key === null) {
          heap.delete(host);
          model.delete(host);
        } else {
          heap.set(host, key);
          model.set(host, key);
        }
        const [first] = [...model].toSorted(([a, one], [b, other]) => one - other || a - b);
        expect([heap.size, heap.first, heap.has(host)]).toEqual([model.size, first?.[0], model.has(host)]);
      }
    }),
  );
});

test("due heap: in the order of time", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 80 }), (times) => {
      const heap = new DueHeap();
      for (const [vm, dueMs] of times.entries()) heap.push(vm, dueMs);
      const got: number[] = [];
      while (heap.nextMs < Infinity) got.push(heap.pop());
      const wanted = [...times.entries()].toSorted(([a, one], [b, other]) => one - other || a - b);
      expect(got).toEqual(wanted.map(([vm]) => vm));
      expect(heap.pop()).toBe(-1);
    }),
  );
});

test("ordinal queue: first in, first out", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(9)), { maxLength: 200 }), (steps) => {
      const queue = new OrdinalQueue();
      const model: number[] = [];
      for (const step of steps) {
        if (step === null) expect(queue.shift()).toBe(model.shift() ?? -1);
        else {
          queue.push(step);
          model.push(step);
        }
        expect([queue.size, queue.peek()]).toEqual([model.length, model[0] ?? -1]);
      }
    }),
  );
});

test("VM table: chains by host and counts by state hold whatever is placed", () => {
  const step = fc.record({
    vm: fc.nat(40),
    host: fc.nat(3),
    state: fc.constantFrom(...Object.values(vmState)),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const table = new VmTable();
      const at = new Map<number, number>();
      for (const { vm, host, state } of steps) {
        table.reach(vm + 1);
        if (at.delete(vm)) table.unplace(vm);
        else {
          table.place(vm, host, 1, 1);
          at.set(vm, host);
        }
        table.setState(vm, state, 0);
      }
      for (const host of [0, 1, 2, 3]) {
        const chain: number[] = [];
        for (let vm = table.firstOn(host); vm !== -1; vm = table.nextOn(vm)) chain.push(vm);
        const wanted = [...at].filter(([, where]) => where === host).map(([vm]) => vm);
        expect(chain.toSorted((a, b) => a - b)).toEqual(wanted.toSorted((a, b) => a - b));
        expect(table.countOn(host)).toBe(wanted.length);
      }
      for (const state of Object.values(vmState).filter((each) => each !== vmState.none))
        expect(table.count(state)).toBe(
          Array.from({ length: table.length }, (_, vm) => table.state(vm)).filter((each) => each === state)
            .length,
        );
    }),
  );
});

test("back-off: doubles up to the longest wait, and many at once do not come back at once", () => {
  const restart = { firstMs: 100, maxMs: 1000, stableAfterMs: 1, degradedAfter: 1 };
  const waits = Array.from({ length: 100 }, (_, number) => restartWaitMs(restart, 3, number));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(200);
  expect(Math.max(...waits)).toBeLessThanOrEqual(250);
  expect(new Set(waits).size).toBeGreaterThan(90);
  expect(restartWaitMs(restart, 1, 1)).toBe(0);
  expect(restartWaitMs(restart, 5000, 1)).toBeLessThanOrEqual(1250);
});
