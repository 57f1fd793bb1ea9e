import { limits } from "../../kernel/index.ts";
import { learntTextMax } from "./tags.ts";

/**
 * Shapes: the lists of keys that objects have again and again. The sender teaches each once, with its first object, and then
 * names it by a number. A string under the key `type` is part of the shape, since it tells messages apart.
 */
const nodesMax = limits.shapesPerCarrier * 8;

/** What one step in the sender's tree stands for: the next key, the string under the key `type`, or that this is no such string. */
type Step = "key" | "type" | "untyped";

/** One step in the sender's tree of key lists. */
export class ShapeNode {
  /** Of the shape that ends here; -1 if it was not taught. */
  id = -1;
  private readonly name: string;
  private readonly what: Step;
  private readonly parent: ShapeNode | null;
  private lastName: string | null = null;
  private lastChild: ShapeNode | null = null;
  private children: Map<string, ShapeNode> | null = null;
  private untypedChild: ShapeNode | null = null;

  constructor(name: string, what: Step, parent: ShapeNode | null) {
    this.name = name;
    this.what = what;
    this.parent = parent;
  }

  /** The next key. Null if the tree is full, or the key is not one to learn. */
  key(name: string, tree: ShapeTree): ShapeNode | null {
    // Names are nearly always the very same string object: one comparison.
    return name === this.lastName ? this.lastChild : this.step(name, "key", tree);
  }

  /** After the key `type`: its value. */
  type(name: string, tree: ShapeTree): ShapeNode | null {
    return name === this.lastName ? this.lastChild : this.step(name, "type", tree);
  }

  /** After the key `type`: its value is none to learn. */
  untyped(tree: ShapeTree): ShapeNode | null {
    this.untypedChild ??= tree.grow("", "untyped", this);
    return this.untypedChild;
  }

  /** The way here. */
  path(): { readonly keys: readonly string[]; readonly type: string | undefined } {
    if (this.parent === null) return { keys: [], type: undefined };
    const { keys, type } = this.parent.path();
    if (this.what === "key") return { keys: [...keys, this.name], type };
    return { keys, type: this.what === "type" ? this.name : type };
  }

  private step(name: string, what: Step, tree: ShapeTree): ShapeNode | null {
    const child = this.children?.get(name) ?? tree.grow(name, what, this);
    if (child === null) return null;
    this.children ??= new Map();
    this.children.set(name, child);
    this.lastName = name;
    this.lastChild = child;
    return child;
  }
}

/** What one sender has taught its peer. */
export class ShapeTree {
  readonly root: ShapeNode = new ShapeNode("", "key", null);
  private nodes = 0;
  private readonly taught: ShapeNode[] = [];

  get count(): number {
    return this.taught.length;
  }

  /** Null: it is full, or this is no name to learn. */
  grow(name: string, what: Step, parent: ShapeNode): ShapeNode | null {
    if (this.nodes >= nodesMax || name.length > learntTextMax || name === "__proto__") return null;
    this.nodes++;
    return new ShapeNode(name, what, parent);
  }

  /** False: no more are taught. */
  teach(node: ShapeNode): boolean {
    if (this.taught.length >= limits.shapesPerCarrier) return false;
    node.id = this.taught.length;
    this.taught.push(node);
    return true;
  }

  /** Takes back what was taught since there were `count`: the frame that teaches it will not be sent. */
  rollback(count: number): void {
    while (this.taught.length > count) {
      const node = this.taught.pop();
      if (node !== undefined) node.id = -1;
    }
  }
}

/** Reads one value of the frame at hand. */
export interface ValueSource {
  value(): unknown;
}

type Make = (source: ValueSource) => object;

/** Objects of a shape before it is worth compiling. */
const usesBeforeCompiling = 16;

/** A shape as the receiver knows it. */
export class Shape {
  private readonly keys: readonly string[];
  /** The value of the key `type`, if it has one; it is not on the wire. */
  private readonly type: string | undefined;
  private compiled: Make | null = null;
  private uses = 0;

  constructor(keys: readonly string[], type: string | undefined) {
    this.keys = keys;
    this.type = type;
  }

  make(source: ValueSource): object {
    if (this.compiled !== null) return this.compiled(source);
    if (++this.uses === usesBeforeCompiling) this.compiled = compile(this.keys, this.type);
    const object: Record<string, unknown> = {};
    for (const key of this.keys) {
      object[key] = key === "type" && this.type !== undefined ? this.type : source.value();
    }
    return object;
  }
}

/** Taken at the start: a VM may take it away from its program. */
const FunctionFrom = Function;

/** An object literal for this shape, where code may be made from strings: about five times as fast as filling in key by key. */
function compile(keys: readonly string[], type: string | undefined): Make | null {
  const fields = keys.map((key) => {
    const value = key === "type" && type !== undefined ? JSON.stringify(type) : "source.value()";
    return `${JSON.stringify(key)}: ${value}`;
  });
  try {
    // Keys come from another VM: they are quoted by JSON, and `__proto__` was refused when the shape was learnt.
    // oxlint-disable-next-line no-new-func -- guarded, and the loop above does the same
    return new FunctionFrom("source", `return { ${fields.join(", ")} };`) as Make;
  } catch {
    return null;
  }
}
