import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import type { Placed } from "./torrc.ts";

/** The relays that the streams of a client go through now, from its entry to the exit: asked on its control port. */
export async function pathOf({ controlPort, folder }: Placed): Promise<readonly string[]> {
  const cookie = (await readFile(join(folder, "control_auth_cookie"))).toString("hex");
  const questions = [`AUTHENTICATE ${cookie}`, "GETINFO stream-status", "GETINFO circuit-status", "QUIT", ""];
  const socket = connect(controlPort, "127.0.0.1");
  socket.write(questions.join("\r\n"));
  let text = "";
  for await (const bytes of socket) text += String(bytes);
  // `250-stream-status=7 SUCCEEDED 4 127.0.0.1:80`, and below `4 BUILT $FINGERPRINT~relay1,$...`
  const circuit = /\d+ SUCCEEDED (\d+) /.exec(text)?.[1];
  const built = new RegExp(`^(?:250[-+]circuit-status=)?${circuit} BUILT (\\S+)`, "m").exec(text)?.[1] ?? "";
  return [...built.matchAll(/~(\w+)/g)].map(([, name = ""]) => name);
}
