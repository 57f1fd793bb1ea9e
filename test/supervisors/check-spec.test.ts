import { describe, expect, test } from "vitest";
import { actor, isMotesError, type Crash, type Definition, type ExitReason } from "../../kernel/index.ts";
import {
  child,
  dynamicSupervisor,
  supervisor,
  template,
  type ChildOptions,
  type DynamicOptions,
} from "../../supervisors/index.ts";
import { Stage } from "./stage.ts";

const worker = actor({ init: () => ({}) });
// What the types refuse, as JavaScript could write it.
const options = (given: object): ChildOptions => given;
const tree = (given: object): Parameters<typeof supervisor>[0] => given as Parameters<typeof supervisor>[0];

const dynamic = (given: object): DynamicOptions<[], never> => given as DynamicOptions<[], never>;

/** The crash that a start fails with; nothing but the supervisor itself has been there. */
function failureOf<M>(definition: Definition<[], M>): Crash {
  const stage = new Stage();
  const error = stage.failure(stage.self.start(definition));
  if (!isMotesError(error, "START_FAILED")) throw error;
  const { reason } = error.details as { readonly reason: ExitReason };
  expect(stage.ended.length).toBe(1);
  if (typeof reason !== "object" || reason.type !== "crash") throw new Error(String(reason));
  return reason;
}

const codeOf = (given: object): string | undefined => failureOf(supervisor(tree(given))).code;

const withChild = (given: object, flags: object = {}): object => ({
  children: { first: child(worker, []), second: child(worker, [], options(given)) },
  ...flags,
});

describe("check-spec", () => {
  test.each([
    ["INVALID_STRATEGY", withChild({}, { strategy: "one_for_two" })],
    ["INVALID_INTENSITY", withChild({}, { intensity: { restarts: -1, withinMs: 5000 } })],
    ["INVALID_INTENSITY", withChild({}, { intensity: { restarts: 0.5, withinMs: 5000 } })],
    ["INVALID_INTENSITY", withChild({}, { intensity: 3 })],
    ["INVALID_PERIOD", withChild({}, { intensity: { restarts: 1, withinMs: 999 } })],
    ["INVALID_AUTO_SHUTDOWN", withChild({}, { autoShutdown: "always" })],
    ["UNKNOWN_KEY", withChild({}, { strategi: "one_for_one" })],
    ["UNKNOWN_KEY", withChild({}, { intensity: { restarts: 1, withinMs: 1000, within: 1 } })],
    ["UNKNOWN_KEY", withChild({ restarts: "permanent" })],
    ["INVALID_RESTART_TYPE", withChild({ restart: "sometimes" })],
    ["INVALID_SHUTDOWN", withChild({ shutdown: -1 })],
    ["INVALID_SHUTDOWN", withChild({ shutdown: "brutal" })],
    ["INVALID_SHUTDOWN", withChild({ shutdown: Number.NaN })],
    ["INVALID_SIGNIFICANT", withChild({ significant: 1 })],
    ["INVALID_BACKOFF", withChild({ backoff: { firstMs: 10, maxMs: 1 } })],
    ["BAD_COMBINATION", withChild({ restart: "transient", significant: true })],
    ["BAD_COMBINATION", withChild({ significant: true }, { autoShutdown: "any_significant" })],
    ["INVALID_CHILD_SPEC", { children: { a: worker } }],
    ["INVALID_CHILD_SPEC", { children: undefined }],
    ["INVALID_CHILD_SPEC", { children: { 10: child(worker, []) } }],
    ["INVALID_CHILD_SPEC", { children: [child(worker, [])] }],
    [
      "DUPLICATE_CHILD_NAME",
      {
        children: [
          ["a", child(worker, [])],
          ["a", child(worker, [])],
        ],
      },
    ],
  ])("check-spec: %s before anything starts", (code, given) => {
    expect(codeOf(given)).toBe(code);
  });

  test.each([
    ["UNKNOWN_KEY", { child: template(worker), strategy: "one_for_one" }],
    ["UNKNOWN_KEY", { child: template(worker, options({ restarts: "permanent" })) }],
    ["INVALID_INTENSITY", { child: template(worker), intensity: { restarts: -1, withinMs: 5000 } }],
    ["INVALID_RESTART_TYPE", { child: template(worker, options({ restart: "sometimes" })) }],
    ["INVALID_CHILD_SPEC", { child: worker }],
  ])("check-spec: %s of a dynamic supervisor", (code, given) => {
    expect(failureOf(dynamicSupervisor(dynamic(given))).code).toBe(code);
  });

  test("check-spec: the text says where it is, what was expected and what was got", () => {
    const texts = [
      withChild({ restarts: "permanent" }),
      withChild({}, { intensity: { restarts: -1, withinMs: 5000 } }),
      withChild({}, { strategy: "one_for_two" }),
      {
        children: [
          ["a", child(worker, [])],
          ["a", child(worker, [])],
        ],
      },
    ].map((given) => failureOf(supervisor(tree(given))).message);
    expect(texts).toEqual([
      "children.second: expected one of restart, shutdown, significant, backoff, got restarts.",
      "intensity.restarts: expected a whole number, 0 or more, got -1.",
      "strategy: expected one_for_one, one_for_all or rest_for_one, got one_for_two.",
      "children: every child needs an id of its own, and a is there twice.",
    ]);
  });

  test("check-spec: startChild answers the same words, and keeps nothing", () => {
    const stage = new Stage();
    const { ref } = stage.start(supervisor({ children: {} }));
    const bad = child(worker, [], options({ restart: "sometimes" }));
    const answer = stage.result(stage.self.call(ref, "startChild", "a", bad));
    expect(answer).toMatchObject({ ok: false, error: "invalid_restart_type", got: "sometimes" });
    expect(stage.result(stage.self.call(ref, "whichChildren"))).toEqual([]);
  });

  test("check-spec: ids that are whole numbers keep their order in a list of pairs", () => {
    const stage = new Stage();
    const { ref } = stage.start(
      supervisor({
        children: [
          ["10", child(worker, [])],
          ["9", child(worker, [])],
        ],
      }),
    );
    const children = stage.result(stage.self.call(ref, "whichChildren"));
    expect(children.map(({ id }) => id)).toEqual(["9", "10"]);
  });
});
