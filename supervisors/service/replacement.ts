import { crashOf, type CallMessage } from "../../kernel/index.ts";
import { supervisorError } from "../errors.ts";
import type { Task } from "../start-child.ts";
import type { Backend, Program } from "./backend.ts";
import type { Crew } from "./crew.ts";
import { dismiss } from "./dismiss.ts";
import { exchange, type Failure } from "./exchange.ts";
import type { Front } from "./front.ts";
import type { ReplaceRequest, ReplaceResult } from "./protocol.ts";
import { recruit } from "./recruit.ts";
import { StepLog } from "./step-log.ts";

const observeMsDefault = 1000;

/** All VMs of a service, one after the other; if one cannot be replaced, or the new ones fail, those that were are put back. */
export function* replaceAll(
  front: Front,
  crew: Crew,
  request: ReplaceRequest,
  call: CallMessage,
): Task<void> {
  const log = new StepLog(front);
  const failure = crew.replacing
    ? supervisorError("REPLACE_BUSY", { service: front.name })
    : yield* replaceBy(front, crew, programOf(crew, request), request, log);
  const durationMs = front.nowMs - log.startedAtMs;
  if (failure === undefined) front.events.tell("replaced", { durationMs });
  else front.events.tell("rolled_back", { durationMs, reason: crashOf(failure) });
  const { steps } = log;
  const result: ReplaceResult =
    failure === undefined
      ? { ok: true, steps, durationMs }
      : { ok: false, error: failure.code, message: failure.message, steps, durationMs };
  call.reply(result);
}

function programOf({ program }: Crew, { entry, options }: ReplaceRequest): Program {
  const { image: _, ...own } = program.options;
  const same = entry === undefined || entry === program.entry;
  return {
    entry: entry ?? program.entry,
    // A new object: what runs it is told from what does not.
    options: same ? { ...own, ...options } : options,
  };
}

function* replaceBy(
  front: Front,
  crew: Crew,
  program: Program,
  request: ReplaceRequest,
  log: StepLog,
): Task<Failure | undefined> {
  const before = crew.program;
  crew.replacing = true;
  try {
    if (front.route.backends.length === 0) return yield* tryOut(front, crew, program, log);
    const fresh: Backend[] = [];
    const failure = yield* roll(front, crew, program, request, fresh, log);
    if (failure === undefined) return undefined;
    crew.program = before;
    for (const backend of fresh) if (!backend.gone) yield* exchange(front, crew, backend, before, true, log);
    return failure;
  } finally {
    crew.replacing = false;
  }
}

/** None serves: the next one that is booted will be a new one, if it can be. */
function* tryOut(front: Front, crew: Crew, program: Program, log: StepLog): Task<Failure | undefined> {
  const recruited = yield* recruit(front, program, 0);
  if (!recruited.ok)
    return supervisorError("REPLACE_NOT_READY", { service: front.name, reason: recruited.reason });
  log.mark("ready", recruited.backend.vm);
  crew.program = program;
  front.tasks.run(dismiss(front, recruited.backend));
  return undefined;
}

function* roll(
  front: Front,
  crew: Crew,
  program: Program,
  { force, failuresMax, observeMs = observeMsDefault }: ReplaceRequest,
  fresh: Backend[],
  log: StepLog,
): Task<Failure | undefined> {
  const { route } = front;
  for (;;) {
    const old = route.backends.find((backend) => backend.program !== program);
    if (old === undefined) break;
    const outcome = yield* exchange(front, crew, old, program, force, log);
    if (outcome instanceof Error) return outcome;
    fresh.push(outcome);
    // One that dies is booted as what most of the others are.
    if (route.backends.every((backend) => backend.program === program)) crew.program = program;
    if (route.backends.length + crew.coming < 2) continue;
    yield* front.self.sleep(observeMs);
    const failures = fresh.reduce(
      (sum, { failed, gone, asked }) => sum + failed + (gone && !asked ? 1 : 0),
      0,
    );
    if (failures > failuresMax)
      return supervisorError("REPLACE_ROLLED_BACK", { service: front.name, failures, failuresMax });
  }
  crew.program = program;
  return undefined;
}
