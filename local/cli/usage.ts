/** Commands that can't be carried out are told in words to whoever typed them; everything else is a bug, with its stack. */

/** What was typed makes no sense. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

const OURS = ["UsageError", "ConfigError", "TemplateError", "PackageError"];

/** Runs a command and answers its exit code; `help` says where more is told. */
export async function exitCodeOf(command: () => Promise<number>, help: string): Promise<number> {
  try {
    return await command();
  } catch (error) {
    const isOption =
      error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
    const isKnown = isOption || (error instanceof Error && OURS.includes(error.name));
    console.error(isKnown ? error.message : error);
    if (isOption || error instanceof UsageError) console.error(`\n${help}`);
    return 1;
  }
}

/** The number that an option gives. Throws UsageError. */
export function numberOption(
  name: string,
  text: string,
  { least, whole = false }: { readonly least: number; readonly whole?: boolean },
): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && Number.isFinite(value) && (!whole || Number.isInteger(value))) return value;
  throw new UsageError(`--${name} is a ${whole ? "whole " : ""}number from ${least} up, not "${text}"`);
}
