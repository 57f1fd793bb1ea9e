/**
 * Writes a cpio archive in the "newc" form, which Linux unpacks as its first root file system. Deterministic: the same entries give
 * the same bytes. Layout as in the kernel's `Documentation/driver-api/early-userspace/buffer-format.rst`.
 */

/** What one path of the archive is. Parents come before what they hold. */
export type CpioEntry =
  | { readonly type: "folder"; readonly path: string }
  | {
      readonly type: "file";
      readonly path: string;
      readonly bytes: Uint8Array;
      readonly executable?: boolean;
    }
  | { readonly type: "link"; readonly path: string; readonly to: string }
  | { readonly type: "character"; readonly path: string; readonly major: number; readonly minor: number };

const modes = { folder: 0o040755, file: 0o100644, link: 0o120777, character: 0o020600 } as const;
const executableFile = 0o100755;

/** The archive in pieces, to be written one after the other. */
export function* cpio(entries: Iterable<CpioEntry>): Generator<Uint8Array> {
  let inode = 0;
  for (const entry of entries) {
    const mode = entry.type === "file" && entry.executable === true ? executableFile : modes[entry.type];
    const body = bodyOf(entry);
    const device = entry.type === "character" ? entry : { major: 0, minor: 0 };
    yield header(++inode, mode, body.length, entry.path, device);
    yield body;
    yield padding(body.length);
  }
  yield header(0, 0, 0, "TRAILER!!!", { major: 0, minor: 0 });
}

function bodyOf(entry: CpioEntry): Uint8Array {
  if (entry.type === "file") return entry.bytes;
  return entry.type === "link" ? Buffer.from(entry.to) : new Uint8Array(0);
}

function header(
  inode: number,
  mode: number,
  bytes: number,
  path: string,
  device: { readonly major: number; readonly minor: number },
): Uint8Array {
  const name = Buffer.from(`${path.replace(/^\//, "")}\0`);
  // Inode, mode, user, group, links, time, size, the device it is on, the device it is, name with its zero, check sum.
  const fields = [inode, mode, 0, 0, 1, 0, bytes, 0, 0, device.major, device.minor, name.length, 0];
  const text = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
  return Buffer.concat([Buffer.from(text, "latin1"), name, padding(text.length + name.length)]);
}

const padding = (bytes: number): Uint8Array => new Uint8Array(-bytes & 3);
