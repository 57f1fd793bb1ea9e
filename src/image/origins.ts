import { SourceMap } from "node:module";

/** A place in a source file; both numbers count from 1. */
export interface Origin {
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Where the lines of a bundle came from. The map is read once, at the first question: that holds up the host for tens of
 * milliseconds, which each of many crashes must not.
 */
export class Origins {
  /** Version 3. */
  readonly text: string;
  private map: SourceMap | undefined;

  constructor(sourceMap: string) {
    this.text = sourceMap;
  }

  /** Undefined: the map does not say. */
  of(line: number, column: number): Origin | undefined {
    // Sound: esbuild wrote this text as a source map.
    this.map ??= new SourceMap(JSON.parse(this.text) as ConstructorParameters<typeof SourceMap>[0]);
    const entry = this.map.findEntry(line - 1, column - 1);
    if (!("originalSource" in entry)) return undefined;
    return { source: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }
}
