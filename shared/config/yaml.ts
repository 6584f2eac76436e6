/**
 * Reads YAML, and JSON as the part of YAML that it is, and knows at which line and column everything stands.
 *
 * Only what is asked for with a dynamic import may import this module: the parser costs a cold start 20 ms.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import type { Path } from "../check.ts";
import type { ConfigProblem } from "./problem.ts";

/** A text that was read: its plain value, and where in the text a path of it stands. */
export interface Reading {
  readonly value: unknown;
  /** Problems of the notation: the value can be trusted only as far as `sound`. */
  readonly problems: readonly ConfigProblem[];
  readonly sound: boolean;
  locate(path: Path, at: "key" | "value"): { readonly line: number; readonly column: number };
}

/** Aliases are for a few repeated lines: an expansion beyond this is an attack or a mistake. */
const MAX_ALIASES = 100;

/** Reads `text`. Never throws: what can't be read is in `problems`. */
export function readYaml(text: string): Reading {
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const bottomless = depthBeyond(text);
  if (bottomless !== undefined) return unreadable([{ ...bottomless, path: "", ...TOO_DEEP }]);
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
    const { problems, sound } = notationProblems(document, place);
    const aliases = sound ? aliasProblem(document, place) : undefined;
    if (aliases !== undefined) return unreadable([aliases]);
    return {
      value: sound ? document.toJS({ maxAliasCount: MAX_ALIASES }) : undefined,
      problems,
      sound,
      locate: (path, at) => place(offsetOf(document, path, at)),
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The parser and the conversion recurse: a stack overflow is all they tell of a bottomless text.
    return unreadable([{ line: 1, column: 1, path: "", ...TOO_DEEP }]);
  }
}

const TOO_DEEP = { message: "lists or maps are nested too deeply", remedy: "write them flat" };
/** A configuration needs six levels. */
const MAX_DEPTH = 100;

/**
 * Where brackets are opened beyond any sense; undefined where they are not. The parser recurses over them, and V8 ends
 * the whole process when it must compile a regular expression at the bottom of the stack.
 */
function depthBeyond(text: string): { line: number; column: number } | undefined {
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[{}\]]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    if (depth <= MAX_DEPTH) continue;
    const above = text.slice(0, index).split("\n");
    return { line: above.length, column: (above.at(-1)?.length ?? 0) + 1 };
  }
  return undefined;
}

function unreadable(problems: readonly ConfigProblem[]): Reading {
  return { value: undefined, problems, sound: false, locate: () => ({ line: 1, column: 1 }) };
}

type Place = (offset: number) => { line: number; column: number };

/**
 * A key written twice leaves the rest readable, so it is told along with everything else. After any other error the
 * parser guesses, so only the first is told: the others are its echoes.
 */
function notationProblems(document: Document.Parsed, place: Place) {
  const first = document.errors.find((error) => error.code !== "DUPLICATE_KEY");
  if (first !== undefined) return { problems: [notationProblem(first, place)], sound: false };
  const found = [...document.errors, ...document.warnings].map((error) => notationProblem(error, place));
  return { problems: found, sound: true };
}

const REMEDIES: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  DUPLICATE_KEY: ["this key is written twice in the same map", "keep one of the two"],
  RESOURCE_EXHAUSTION: [TOO_DEEP.message, TOO_DEEP.remedy],
  TAB_AS_INDENT: ["a tab is used as indentation", "indent with spaces"],
  MULTIPLE_DOCS: ["there is more than one document in the file", "remove what follows the second ---"],
  TAG_RESOLVE_FAILED: ["a tag (!…) means nothing here", "remove the tag, or quote the value"],
};

function notationProblem(error: YAMLError, place: Place): ConfigProblem {
  const [message, remedy] = REMEDIES[error.code] ?? [error.message, "correct the YAML"];
  return { ...place(error.pos[0]), path: "", message, remedy };
}

/** An alias without its anchor, or so many of them that they could fill the memory. */
function aliasProblem(document: Document.Parsed, place: Place): ConfigProblem | undefined {
  const aliases: Alias[] = [];
  visit(document, { Alias: (_, alias) => void aliases.push(alias) });
  const lost = aliases.find((alias) => alias.resolve(document) === undefined);
  if (lost !== undefined) {
    const message = `the alias *${lost.source} has no anchor above it`;
    const remedy = `write &${lost.source} where it is to be copied from, or quote the value`;
    return { ...place(startOf(lost) ?? 0), path: "", message, remedy };
  }
  const [first] = aliases;
  if (first === undefined) return undefined;
  try {
    document.toJS({ maxAliasCount: MAX_ALIASES });
    return undefined;
  } catch (error) {
    // With every anchor there, the one thing left that it throws this for is the count.
    if (!(error instanceof ReferenceError)) throw error;
    const message = `the aliases (*${first.source}, …) expand to more than ${MAX_ALIASES} copies`;
    return {
      ...place(startOf(first) ?? 0),
      path: "",
      message,
      remedy: "write the values out, or use defaults",
    };
  }
}

/** Where `path` stands, or what of it there is: a missing key is told at the map that lacks it. */
function offsetOf(document: Document.Parsed, path: Path, at: "key" | "value"): number {
  let offset = startOf(document.contents) ?? 0;
  let node: unknown = document.contents;
  for (const [index, step] of path.entries()) {
    const inside = isAlias(node) ? node.resolve(document) : node;
    const wantsValue = index === path.length - 1 && at === "value";
    if (isMap(inside)) {
      const pair = inside.items.findLast((item) => keyText(item.key) === String(step));
      if (pair === undefined) return offset;
      node = pair.value;
      const valueOffset = wantsValue && isScalar(node) ? startOf(node) : undefined;
      offset = valueOffset ?? startOf(pair.key) ?? offset;
    } else if (isSeq(inside) && typeof step === "number") {
      node = inside.items[step];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function keyText(key: unknown): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
