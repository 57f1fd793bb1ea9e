import { actor, registry, type Down, type ProtocolOf, type Ref, type Self } from "motes";

/** What members hear. */
export interface Said {
  readonly type: "said";
  readonly by: string;
  readonly text: string;
}

export type Room = Ref<ProtocolOf<typeof room>>;

/** Rooms by their name, for whoever comes in. An entry goes with its room, and is there again as soon as the room is. */
export const rooms = registry<string, never>("rooms");

/** One room: who is in it, and everything said in it goes to all. A member that ends has left. */
export const room = actor({
  label: "room",
  init: (self: Self<never>, name: string) => {
    rooms.register(self, name);
    return { self, name, members: new Map<number, { readonly name: string; readonly ref: Ref<Said> }>() };
  },
  call: {
    /** The names of those who are there already. */
    join({ self, members }, name: string, ref: Ref<Said>): readonly string[] {
      const there = [...members.values()].map((member) => member.name);
      members.set(self.monitor(ref), { name, ref });
      tell(self, members.values(), "the room", `${name} comes in`);
      return there;
    },
    members: ({ members }): readonly string[] => [...members.values()].map(({ name }) => name),
  },
  cast: {
    say({ self, name, members }, by: string, text: string) {
      if (text === "/crash") throw new Error(`the roof of ${name} fell in`);
      tell(self, members.values(), by, text);
    },
  },
  info: {
    down({ self, members }, { monitor }: Down) {
      const gone = members.get(monitor);
      members.delete(monitor);
      if (gone !== undefined) tell(self, members.values(), "the room", `${gone.name} has left`);
    },
  },
});

function tell(
  self: Self<never>,
  members: Iterable<{ readonly ref: Ref<Said> }>,
  by: string,
  text: string,
): void {
  for (const { ref } of members) self.send(ref, { type: "said", by, text });
}
