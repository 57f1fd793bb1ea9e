/** The program of the `boot-isolate` bench: a supervisor with one actor, which is what a small service is. */
import { actor, child, supervisor, unikernel } from "motes";

const counter = actor({ init: (_self, start: number) => ({ n: start }), call: { get: (state) => state.n } });

export default unikernel({ root: supervisor({ children: { counter: child(counter, [0]) } }) });
