/** The program of the `door` bench: an actor that answers each request with the same bytes. */
import { actor, unikernel } from "motes";
import type { HttpRequest } from "motes/door";

const answer = { headers: { "content-type": "text/plain" }, body: "hello, world\n" };
const page = actor({ init: () => ({}), call: { request: (_state, _request: HttpRequest) => answer } });

export const greeting = { actor: page, answer };
export default unikernel({ root: page });
