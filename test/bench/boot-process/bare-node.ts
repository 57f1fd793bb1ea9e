/** The floor of booting a process: `node -e` of a script that writes one byte, from the call to that byte. Its end is not measured. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { askedCount, nowNs, printSample } from "../contender.ts";

const count = askedCount();
let elapsedNs = 0;
let said = 0;
for (let i = -3; i < count; i++) {
  const startNs = nowNs();
  const child = spawn(process.execPath, ["-e", 'process.stdout.write("1")'], {
    env: {},
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  const [bytes] = (await once(child.stdout, "data")) as [Buffer];
  if (i >= 0) {
    elapsedNs += nowNs() - startNs;
    said += Number(bytes.toString());
  }
  await ended;
}
printSample({ work: count, elapsedNs, check: String(said) });
