/** The posts, in Markdown, by the path they are at. */
export const posts: ReadonlyMap<string, string> = new Map([
  [
    "/",
    `# A quiet blog

Nobody reads it, and so it costs nothing: *no VM runs it*. You are here, so one does.

- [On being small](/small)
- [On being many](/many)`,
  ],
  [
    "/small",
    `# On being small

A VM of \`motes\` is a JavaScript heap, a kernel of a few hundred lines, and one program. It boots in **less time than a
blink**, which takes 100 ms: so it need not be there before somebody asks.

## What that is good for

- A thousand blogs on one machine, of which ten are read.
- A test for each of them.

[back](/)`,
  ],
  [
    "/many",
    `# On being many

When a post goes viral, *more of the same* are booted: each takes the requests that the others have no hands for. When the
crowd has gone on they go too.

Nobody who reads it notices. Nor did you notice that this page was **replaced while you were waiting for it**.

[back](/)`,
  ],
]);
