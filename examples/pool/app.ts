import {
  child,
  dynamicSupervisor,
  isMotesError,
  process,
  supervisor,
  template,
  unikernel,
  type ProtocolOf,
  type Ref,
  type Self,
  type Wait,
} from "motes";
import { pool } from "./pool.ts";
import { worker, type Worker } from "./worker.ts";

type Pool = Ref<ProtocolOf<typeof pool>>;

interface Report {
  readonly type: "report";
  readonly who: string;
  readonly text: string;
}

const workers = dynamicSupervisor({
  label: "workers",
  intensity: { restarts: 10, withinMs: 1000 },
  child: template(worker),
});

const tree = supervisor({ label: "tree", children: { workers: child(workers, []) } });

/** Has one number to take the root of, and keeps its worker for a while. */
const client = process(
  function* (
    self: Self<never>,
    who: string,
    from: Pool,
    of: number,
    tell: Ref<Report>,
  ): Generator<Wait<unknown>, void, unknown> {
    const borrowed: Worker = yield* self.call(from, "checkOut", self.ref);
    // Never gives it back: its own end does.
    if (Number.isNaN(of)) throw new Error(`${who} tripped`);
    try {
      const root = yield* self.call(borrowed, "squareRoot", of);
      yield* self.sleep(10);
      self.send(tell, { type: "report", who, text: `the root of ${of} is ${root}` });
    } catch (problem) {
      if (!isMotesError(problem, "CALL_EXIT")) throw problem;
      self.send(tell, { type: "report", who, text: `the worker died of ${of}` });
    }
    self.cast(from, "checkIn", borrowed);
  },
  { label: "client" },
);

/** Two workers, six clients: one with an impossible job, one that trips over its own feet with a worker in its hands. */
const day = process(
  function* (self: Self<Report>): Generator<Wait<unknown>, void, unknown> {
    const { children } = yield* self.start(tree);
    const hands: Worker[] = [];
    for (let n = 0; n < 2; n++) {
      const started = yield* self.call(children.workers, "startChild");
      if (!started.ok) throw new Error("no worker");
      hands.push(started.ref);
    }
    const { ref } = yield* self.start(pool, hands);
    const jobs = { ann: 4, bob: -1, carl: Number.NaN, dora: 81, eve: 2, finn: 100 };
    for (const [who, of] of Object.entries(jobs)) self.spawn(client, who, ref, of, self.ref);
    const reports: string[] = [];
    while (reports.length < 5) {
      const { who, text } = yield* self.receive("report");
      reports.push(`${who.padEnd(5)} ${text}`);
    }
    for (const report of reports.toSorted()) console.log(report);
    for (let free = 0; free < 2; { free } = yield* self.call(ref, "load")) yield* self.sleep(1);
    console.log("all workers are back");
  },
  { label: "day" },
);

export default unikernel({ name: "pool", root: day });
