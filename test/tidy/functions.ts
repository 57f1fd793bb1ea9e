/** Finds functions and their lengths by the indentation that the formatter gives them. */
import type { Source } from "./source.ts";

export interface FunctionAt {
  /** `kernel/kernel.ts:72` */
  readonly at: string;
  readonly lines: number;
}

const opens = /(\bfunction\b.*|\)|\): [^=]*|=>) \{$/;
const isNoFunction =
  /^\s*(\} )?(if|else|for|while|switch|try|catch|finally|do|class|interface|describe|test|suite)\b/;

/** Every function whose body has lines of its own; what tests are made of is not one. */
export function functionsOf({ path, code }: Source): readonly FunctionAt[] {
  return code.flatMap((line, index) => {
    if (!opens.test(line) || isNoFunction.test(line)) return [];
    const indent = /^\s*/.exec(line)?.[0] ?? "";
    const end = code.findIndex((other, at) => at > index && other.startsWith(`${indent}}`));
    return end < 0 ? [] : [{ at: `${path}:${index + 1}`, lines: end - index + 1 }];
  });
}
