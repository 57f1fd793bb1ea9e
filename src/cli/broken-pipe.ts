/**
 * Whoever read the output has gone, as in `motes ... | head -1`. Nobody is there to be told, so it ends quietly: what keeps on until Ctrl-C ends as
 * by SIGTERM, in order; anything else at once.
 */

/** As a shell says of a program that SIGPIPE has ended. */
const status = 128 + 13;

/** Of the stream's errors this one is taken, every other one is thrown. */
export function endOnBrokenPipe(stream: {
  on(event: "error", listener: (problem: Error) => void): unknown;
}): void {
  let told = false;
  stream.on("error", (problem: NodeJS.ErrnoException) => {
    if (problem.code !== "EPIPE") throw problem;
    if (told) return;
    told = true;
    if (!process.emit("SIGTERM", "SIGTERM")) process.exit(status);
  });
}
