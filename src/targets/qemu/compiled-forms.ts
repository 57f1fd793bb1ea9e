import type { AnyImage } from "../../image/image.ts";
import { compiledForm, heapFlag } from "../process/compiled-form.ts";
import { heapOf } from "./blanks.ts";

/** V8's compiled form of each image, for each size of heap: made once, and whole, since a compiler is slow in a new machine. */
export class CompiledForms {
  private readonly known = new WeakMap<AnyImage, Map<number, Uint8Array>>();

  of(image: AnyImage, memoryMb: number): Uint8Array {
    const heapMb = heapOf(memoryMb);
    const forms = this.known.get(image) ?? new Map<number, Uint8Array>();
    this.known.set(image, forms);
    const form = forms.get(heapMb) ?? compiledForm(image, heapFlag(heapMb));
    forms.set(heapMb, form);
    return form;
  }
}
