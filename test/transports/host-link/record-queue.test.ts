import fc from "fast-check";
import { expect, test } from "vitest";
import { recordCostBytes, RecordQueue } from "../../../transports/host-link/record-queue.ts";

test("record queue: as a list of copies, whatever is pushed, shifted and trimmed", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("push"), size: fc.nat(200) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("push"), size: fc.nat(9000) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("shift"), size: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("trim"), size: fc.constant(0) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const queue = new RecordQueue();
      const model: Uint8Array[] = [];
      const target = new Uint8Array(10_000);
      for (const [index, { do: what, size }] of steps.entries()) {
        if (what === "push") {
          const source = new Uint8Array(size + 3).fill(index + 1);
          queue.push(source, 3, size);
          model.push(source.slice(3));
          source.fill(0);
        } else if (what === "trim") queue.trim();
        else {
          const expected = model.shift();
          const length = queue.shift(target, 1);
          expect(length).toBe(expected?.length ?? -1);
          if (expected !== undefined) expect(target.slice(1, 1 + length)).toEqual(expected);
        }
        expect(queue.records).toBe(model.length);
        expect(queue.costBytes).toBe(model.reduce((sum, { length }) => sum + length + recordCostBytes, 0));
        expect(queue.firstLength).toBe(model[0]?.length ?? -1);
      }
    }),
    { numRuns: 60 },
  );
});
