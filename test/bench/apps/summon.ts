/** The program of the `summon` bench: a door, and a service without a VM for each name that is asked for. */
import { actor, service, unikernel, type ProtocolOf, type Ref, type Self } from "motes";
import { httpDoor, type HttpRequest, type HttpService } from "motes/door";

const answer = { body: "hello, world\n" };
const page = actor({ init: () => ({}), call: { request: (_state, _request: HttpRequest) => answer } });
const pageVm = unikernel({ name: "page", root: page });
const pages = service({ entry: pageVm, vms: { min: 0, max: 1 } });

const nobody = actor({
  init: () => ({}),
  call: { request: (_state, _request: HttpRequest) => ({ status: 404 }) },
});

const street = actor({
  init: async (self: Self<never>) => {
    const to = self.spawn(nobody);
    const { ref: door } = await self.start(httpDoor, { port: 0, to });
    return { self, door, houses: new Map<string, Ref<HttpService>>() };
  },
  call: {
    address: ({ self, door }) => self.call(door, "address"),
    /** From now on this name leads to a service that has no VM yet. */
    build: async ({ self, door, houses }, name: string) => {
      const { ref } = await self.start(pages);
      houses.set(name, ref);
      await self.call(door, "lead", name, ref);
    },
    /** And from now on to nobody. */
    raze: async ({ self, door, houses }, name: string) => {
      await self.call(door, "forget", name);
      const house = houses.get(name);
      if (house === undefined) return;
      self.unlink(house);
      self.exit(house, "shutdown");
    },
  },
});

export type Street = ProtocolOf<typeof street>;
export default unikernel({ root: street, vms: [pageVm], devices: ["listen"] });
