import { isMotesError, process, type Down, type Ref, type Self, type Wait } from "motes";
import type { Room, Said } from "./room.ts";

/** What a member's own person wants. */
export interface Say {
  readonly type: "say";
  readonly text: string;
}
export interface Leave {
  readonly type: "leave";
}

/** Somebody hears what a member hears: a terminal, or a test. */
export interface Heard {
  readonly type: "heard";
  readonly who: string;
  readonly by: string;
  readonly text: string;
}

type Inbox = Say | Leave | Said | Down;

/** One person in one room. When the room is lost it comes in again as soon as there is one. */
export const member = process(
  function* (
    self: Self<Inbox>,
    name: string,
    room: Room,
    ears: Ref<Heard>,
  ): Generator<Wait<unknown>, void, unknown> {
    for (;;) {
      yield* comeIn(self, name, room);
      const watch = self.monitor(room);
      for (let there = true; there; ) {
        const message = yield* self.receive("say", "leave", "said", "down");
        if (message.type === "leave") return;
        if (message.type === "say") self.cast(room, "say", name, message.text);
        else if (message.type === "said")
          self.send(ears, { type: "heard", who: name, by: message.by, text: message.text });
        else if (message.monitor === watch) {
          self.send(ears, { type: "heard", who: name, by: "the door", text: "is shut; we wait" });
          there = false;
        }
      }
    }
  },
  { label: "member" },
);

/** The room's supervisor is building it up again: that takes a moment. */
function* comeIn(self: Self<Inbox>, name: string, room: Room): Generator<Wait<unknown>, void, unknown> {
  for (;;) {
    try {
      yield* self.call(room, "join", name, self.ref);
      return;
    } catch (problem) {
      if (!isMotesError(problem, "CALL_EXIT")) throw problem;
      yield* self.sleep(5);
    }
  }
}
