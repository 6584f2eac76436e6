/** For those who import the build from TypeScript. */
import type { BuildOptions } from "esbuild";

export const SETTINGS: BuildOptions;
export function build(source: unknown, only?: string): Promise<string[]>;
