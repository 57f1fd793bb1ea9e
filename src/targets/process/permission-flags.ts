/**
 * Node's flags for a child that has no files, no threads, and no processes unless it `spawns`: those are not held by Node's
 * permissions. Native code is allowed until the starter has koffi, and shut off then.
 */
export function permissionFlags(version: string, spawns = false): readonly string[] {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const settled = major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13);
  return [
    settled ? "--permission" : "--experimental-permission",
    "--allow-addons",
    ...(spawns ? ["--allow-child-process"] : []),
    // Both would be told at each boot, and are meant.
    "--disable-warning=ExperimentalWarning",
    "--disable-warning=SecurityWarning",
  ];
}
