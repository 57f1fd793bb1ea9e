import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocks, pages, read, root, type Block } from "./markdown.ts";
import { printedBy } from "./program.ts";
import { problemsOf } from "./typescript.ts";

const all: readonly Block[] = pages().flatMap(blocks);
const of = (language: string): readonly Block[] => all.filter((block) => block.language === language);

describe("docs: code blocks", () => {
  test("every block of TypeScript compiles as a program that depends on motes", async () => {
    expect(of("ts").length).toBeGreaterThan(2);
    expect(await problemsOf(of("ts"))).toBe("");
  });

  const outputs = of("text").filter(({ name }) => name !== "");
  test.each(outputs.map((block) => [`${block.page}: ${block.name}`, block] as const))(
    "%s prints what the page says",
    async (_title, { page, name, text }) => {
      const program = of("ts").find((block) => block.page === page && block.name === name);
      const printed = await printedBy(name, program?.text ?? "");
      // What is in the mailboxes when the VM ends is of no interest on a page.
      const told = printed.filter((line) => !line.includes("died with it unread"));
      expect(told).toEqual(text.trimEnd().split("\n"));
    },
  );

  test("README.md: what it says does not compile does not", async () => {
    const app = of("ts").find(({ page, name }) => page === "README.md" && name === "app.ts");
    const wrong = [
      [`"add", 11`, `"add", "11"`],
      ["children.counter", "children.conter"],
      [
        `yield* self.call(ref, "countChildren");`,
        `const n: string = yield* self.call(children.counter, "add", 1);`,
      ],
    ].map(([right = "", instead = ""], index) => ({
      page: "wrong",
      language: "ts",
      name: `${index}.ts`,
      text: app?.text.replace(right, instead) ?? "",
    }));
    const problems = await problemsOf(wrong, "docs-wrong");
    for (const { page, name } of wrong) expect(problems).toContain(`${page}-${name}(`);
  });

  test("every language of a block is one that is tested here", () => {
    // A server is started with the last one: test/transports/nats.
    const known = ["ts", "text", "sh", "erlang", "conf"];
    expect(all.filter(({ language }) => !known.includes(language))).toEqual([]);
  });
});

describe("docs: commands", () => {
  const lines = of("sh").flatMap(({ page, text }) =>
    text
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, "").trim())
      .filter((line) => line !== "")
      .flatMap((line) => line.split(" && "))
      .map((command) => [`${page}: ${command}`, command] as const),
  );
  // Sound: the file is our own.
  const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Record<string, string> };

  test.each(lines)("%s", (_title, command) => {
    const [program = "", ...words] = command.split(" ");
    if (program === "npm") expect(npmKnows(words, scripts)).toBe(true);
    else if (program === "npx") expect(npxKnows(words)).toBe(true);
    else expect(["curl", "git", "node"]).toContain(program);
  });
});

function npmKnows([verb = "", script = ""]: readonly string[], scripts: Record<string, string>): boolean {
  if (verb === "ci") return existsSync(join(root, "package-lock.json"));
  return Object.hasOwn(scripts, verb === "run" ? script : verb);
}

/** `npx motes <command> <file> [options]`: the file is there, or a block of that name is, or it is an image; the options are the command's. */
function npxKnows([program = "", command = "", ...words]: readonly string[]): boolean {
  const first = words[0]?.startsWith("-") === true ? undefined : words[0];
  if (["vitest", "biome", "tsc", "oxlint"].includes(program))
    return existsSync(join(root, "node_modules/.bin", program));
  const own = existsSync(join(root, `src/cli/${command}.ts`)) ? read(`src/cli/${command}.ts`) : "";
  const shared = { sessionArgs: "session", natsArgs: "nats-options" };
  const source = Object.entries(shared)
    .filter(([args]) => own.includes(`...${args}`))
    .reduce((text, [, file]) => text + read(`src/cli/${file}.ts`), own);
  const named = words.filter((option) => option.startsWith("-"));
  const known = named.every((option) => {
    const name = option.replace(/^--?/, "");
    return option === "-o"
      ? source.includes('alias: "o"')
      : new RegExp(`\\b${name}: (\\{|keyArg|hostArg)`).test(source);
  });
  // What was built by a line above, or one of the actions of a command that has some.
  const file = first ?? "";
  const there =
    first === undefined ||
    file.endsWith(".mote") ||
    own.includes(`action === "${file}"`) ||
    existsSync(join(root, file)) ||
    of("ts").some(({ name }) => name === file);
  return program === "motes" && own !== "" && known && there;
}
