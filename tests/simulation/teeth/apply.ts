/** Applies a change to a tree. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Change } from "./changes.ts";

/** The files that the change makes otherwise, by name. Throws Error where a text does not stand there exactly once. */
export function changed(root: string, { without, edits }: Change): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { file, from, to } of edits) {
    const text = files.get(file) ?? readFileSync(path.join(root, file), "utf8");
    const [before, after, more] = text.split(from);
    if (before === undefined || after === undefined || more !== undefined) {
      throw new Error(`${without}: ${file} has not exactly once: ${from}`);
    }
    files.set(file, `${before}${to}${after}`);
  }
  return files;
}

export function apply(root: string, change: Change): void {
  for (const [file, text] of changed(root, change)) writeFileSync(path.join(root, file), text);
}
