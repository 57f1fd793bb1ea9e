import type { Device } from "../../kernel/index.ts";
import type { AnyImage } from "../image/image.ts";

/** What one unikernel of an image declares that it needs; `entry` is its default one, unless another is named. Undefined: nobody has looked. */
export const declaredBy = (
  { needs, entry: main = "" }: AnyImage,
  entry: string = main,
): readonly Device[] | undefined => (needs === undefined ? undefined : (needs[entry] ?? []));
