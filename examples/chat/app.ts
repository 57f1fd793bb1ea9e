import { dynamicSupervisor, process, template, unikernel, type Self, type Wait } from "motes";
import { member, type Heard } from "./member.ts";
import { room, rooms } from "./room.ts";

/** Rooms come and go; each that crashes is there again, empty, under the same address. */
export const lobby = dynamicSupervisor({ label: "lobby", child: template(room) });

/** An evening in a room whose roof falls in. */
const evening = process(
  function* (self: Self<Heard>): Generator<Wait<unknown>, void, unknown> {
    const { ref } = yield* self.start(lobby);
    const opened = yield* self.call(ref, "startChild", "otp");
    if (!opened.ok) throw new Error("the room did not open");
    const [ann, bob, carl] = ["ann", "bob", "carl"].map((name) =>
      self.spawnLink(member, name, opened.ref, self.ref),
    );
    if (ann === undefined || bob === undefined || carl === undefined) return;
    yield* hear(self, ({ who, text }) => who === "bob" && text === "carl comes in");
    console.log(`rooms: ${rooms.keys(self).join(", ")}`);

    self.send(ann, { type: "say", text: "hello, all" });
    yield* hear(self, ({ who, text }) => who === "carl" && text === "hello, all");

    self.send(bob, { type: "say", text: "/crash" });
    for (let back = 0; back < 3; ) {
      const { text } = yield* hear(self, () => true);
      if (text.endsWith("is shut; we wait")) back++;
    }
    for (let members = 0; members < 3; ) {
      yield* self.sleep(5);
      members = (yield* self.call(opened.ref, "members")).length;
    }
    self.send(carl, { type: "say", text: "we are back" });
    yield* hear(self, ({ who, text }) => who === "ann" && text === "we are back");

    self.send(bob, { type: "leave" });
    yield* hear(self, ({ who, text }) => who === "carl" && text === "bob has left");
  },
  { label: "evening" },
);

/** Prints what the members hear, up to and with what was waited for. */
function* hear(
  self: Self<Heard>,
  wanted: (heard: Heard) => boolean,
): Generator<Wait<unknown>, Heard, unknown> {
  for (;;) {
    const heard = yield* self.receive("heard");
    console.log(`${heard.who.padEnd(5)} hears ${heard.by}: ${heard.text}`);
    if (wanted(heard)) return heard;
  }
}

export default unikernel({ name: "chat", root: evening });
