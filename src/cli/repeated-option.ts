/** All values of an option that may be given more than once: the parser keeps the last one only. */
export function valuesOf(rawArgs: readonly string[], option: string): readonly string[] {
  const end = rawArgs.indexOf("--");
  const options = end === -1 ? rawArgs : rawArgs.slice(0, end);
  return options.flatMap((arg, index) => {
    if (arg === option) return [options[index + 1] ?? ""];
    return arg.startsWith(`${option}=`) ? [arg.slice(option.length + 1)] : [];
  });
}
