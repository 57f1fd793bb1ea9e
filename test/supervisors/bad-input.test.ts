import { describe, expect, test } from "vitest";
import { actor, isMotesError, machine, name, registry, selfOf, type Self } from "../../kernel/index.ts";
import { child, supervisor, type AnyChild } from "../../supervisors/index.ts";
import { Stage } from "./stage.ts";

interface Hello {
  readonly type: "hello";
}
type Lamp = { readonly state: "on" } | { readonly state: "off" };

/** As JavaScript could write it. */
const broken: Lamp = JSON.parse('{ "state": "broken" }') as Lamp;

const lampFrom = (first: Lamp) =>
  machine({
    label: "lamp",
    init: (): Lamp => first,
    states: {
      on: {},
      off: {
        cast: {
          press() {
            this.to({ state: "on" });
          },
          kick() {
            this.to(broken);
          },
        },
      },
    },
  });

const rooms = registry<string, Hello>("rooms");
const known = name<Hello>("known");
const info = { hello(_state: object, _message: Hello) {} };

const inRegistry = actor({
  init(self: Self<Hello>) {
    rooms.register(self, "lobby");
    return {};
  },
  info,
});

const byName = actor({
  init(self: Self<Hello>) {
    self.register(known);
    return {};
  },
  info,
});

const quiet = actor({ init: () => ({}) });

/** What stays when the start of a tree with this child has failed: nothing, and the reason names child and code. */
function failureUnder(stage: Stage, bad: AnyChild): unknown {
  const tree = supervisor({ children: { before: child(quiet, []), bad } });
  const error = stage.failure(stage.self.start(tree));
  if (!isMotesError(error, "START_FAILED")) throw error;
  // The child before it, the bad one, and the supervisor.
  expect(stage.ended).toHaveLength(3);
  return (error.details as { readonly reason: unknown }).reason;
}

const failedWith = (code: string, text: RegExp): object => ({
  type: "shutdown",
  detail: {
    type: "failed_to_start_child",
    id: "bad",
    reason: { type: "crash", code, message: expect.stringMatching(text) },
  },
});

describe("bad input, under a supervisor", () => {
  test("bad input: a machine that begins in an unknown state is a failed start that names both", () => {
    const reason = failureUnder(new Stage(), child(lampFrom(broken), []));
    expect(reason).toMatchObject(failedWith("UNKNOWN_STATE", /lamp <1\.\d+> .*"broken", and knows on, off/));
  });

  test("bad input: a machine that goes to an unknown state crashes by name, and only it is restarted", () => {
    const stage = new Stage();
    const lamp = child(lampFrom({ state: "off" }), []);
    const { ref, children } = stage.start(supervisor({ children: { other: child(quiet, []), lamp } }));
    stage.self.cast(children.lamp, "kick");
    stage.advance(0);
    expect(stage.kernel.testPlatform.events).toMatchObject([
      {
        type: "crash",
        label: "lamp",
        reason: { code: "UNKNOWN_STATE" },
        lastMessage: expect.stringMatching(/^cast kick/),
      },
      { type: "supervisor", report: "child_terminated", child: "lamp", reason: { code: "UNKNOWN_STATE" } },
    ]);
    expect(stage.ended).toHaveLength(1);
    expect(stage.result(stage.self.call(ref, "countChildren")).active).toBe(2);
  });

  test.each([
    [
      "a registry",
      child(inRegistry, []),
      /"rooms lobby" belongs to <1\.\d+>/,
      (self: Self<Hello>) => rooms.register(self, "lobby"),
    ],
    ["the VM", child(byName, []), /"known" belongs to <1\.\d+>/, (self: Self<Hello>) => self.register(known)],
  ])(
    "bad input: a name of %s that is taken is a failed start that names the holder",
    (_what, taker, text, take) => {
      const stage = new Stage();
      const holder = selfOf<Hello>(stage.actor());
      take(holder);
      const reason = failureUnder(stage, taker);
      expect(reason).toMatchObject(failedWith("NAME_TAKEN", text));
      // The holder goes on, and holds it.
      expect(rooms.lookup(holder, "lobby") ?? holder.whereis(known)).toBe(holder.ref);
    },
  );
});
