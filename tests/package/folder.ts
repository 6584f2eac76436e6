/** Vitest's global set-up: a folder for what the test files of a run package together, gone when the run is over. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    readonly packages: string;
  }
}

export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), "packages-"));
  provide("packages", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
