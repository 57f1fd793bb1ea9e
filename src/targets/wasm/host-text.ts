import { portableText, type TextCodec } from "../../../transports/wire/index.ts";
import type { Outside } from "./outside.ts";

/** From here on the way out and back costs less than a loop in QuickJS. */
const worthIt = 256;

/** Long Latin-1 strings by the worker's native code. NUL ends a string on that way, so such strings go by the portable loops. */
export const hostText = (outside: Outside): TextCodec => ({
  ...portableText,
  writeLatin1(bytes, at, text) {
    if (text.length < worthIt || text.includes("\0")) portableText.writeLatin1(bytes, at, text);
    else bytes.set(new Uint8Array(outside.toBytes(text)), at);
  },
  readLatin1(bytes, at, end) {
    if (end - at < worthIt) return portableText.readLatin1(bytes, at, end);
    const part = bytes.slice(at, end);
    return part.includes(0) ? portableText.readLatin1(part, 0, part.length) : outside.toText(part.buffer);
  },
});
