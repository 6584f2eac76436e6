/**
 * The rules of the house that no linter knows, as tests. Each message names what to write instead.
 */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";

const ROOT = path.join(import.meta.dirname, "..");

interface Source {
  /** From the root, with slashes. */
  readonly file: string;
  readonly lines: readonly string[];
}

function sources(...folders: readonly string[]): Source[] {
  return folders
    .filter((folder) => existsSync(path.join(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.(ts|mjs|cjs)$/.test(file))
        .map((file) => ({
          file: path.posix.join(folder, file.split(path.sep).join("/")),
          lines: readFileSync(path.join(ROOT, folder, file), "utf8").split("\n"),
        })),
    );
}

/** What a line says once comments are taken out: a rule on code is not broken by talking about it. */
const code = (line: string): string => line.replace(/^\s*(\*|\/\*).*$/, "").replace(/(^|\s)\/\/.*$/, "");

interface Ban {
  readonly rule: string;
  readonly folders: readonly string[];
  readonly pattern: RegExp;
  readonly except?: RegExp;
  readonly instead: string;
  /** A line that breaks the rule: proof that the pattern finds something. */
  readonly example: string;
}

const EVERYWHERE = ["functions", "shared", "local", "deploy", "tests", "bench"];

const bans: readonly Ban[] = [
  {
    rule: "only the configuration reads the environment",
    folders: ["shared", "functions"],
    pattern: /\bprocess\.env\b/,
    except: /^shared\/config(\.ts$|\/)/,
    instead: "ask settings() of shared/config.ts",
    example: "const table = process.env.FAILOVER_TABLE;",
  },
  {
    rule: "only clock.ts and world.ts know the time",
    folders: ["shared", "functions"],
    pattern: /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/,
    except: /^shared\/(clock|world)\.ts$/,
    instead: "take the time as an argument, or ask world.clock.now()",
    example: "const now = Date.now();",
  },
  {
    rule: "only world.ts knows chance",
    folders: ["shared", "functions"],
    pattern: /\bMath\.random\b|\brandomUUID\b/,
    except: /^shared\/world\.ts$/,
    instead: "ask world.random() or world.nonce()",
    example: "const jitter = Math.random();",
  },
  {
    rule: "nothing is left for later",
    folders: EVERYWHERE,
    pattern: new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`),
    instead: "do it, or write down what is not done in the documentation",
    example: `// ${"TO" + "DO"}: later`,
  },
  {
    rule: "every test runs",
    folders: ["tests"],
    pattern: /\b(it|test|describe)(\.\w+)*\.(only|skip|todo)\b/,
    instead: "mend the test or delete it",
    example: `it.${"only"}("…", () => {});`,
  },
];

/** `TO-DO` is written in comments, environment and time in code. */
const saysIn = (ban: Ban, line: string): boolean =>
  ban.pattern.test(ban.rule === "nothing is left for later" ? line : code(line));

it.each(bans)("$rule", (ban) => {
  expect(saysIn(ban, ban.example)).toBe(true);
  const broken = sources(...ban.folders)
    .filter(({ file }) => !ban.except?.test(file))
    .flatMap(({ file, lines }) =>
      lines.flatMap((line, index) => (saysIn(ban, line) ? [`${file}:${index + 1}: ${ban.instead}`] : [])),
    );
  expect(broken).toEqual([]);
});

const MOST_LINES = 250;

it("a file has one concept, so it is short", () => {
  const long = sources("shared", "functions", "local", "deploy")
    .filter(({ lines }) => lines.length - 1 > MOST_LINES)
    .map(
      ({ file, lines }) =>
        `${file} has ${lines.length - 1} lines: split it by concept, ${MOST_LINES} at most`,
    );
  expect(long).toEqual([]);
});

it("a file is named for its concept", () => {
  const drawers = sources(...EVERYWHERE)
    .filter(({ file }) => /(^|\/)(utils?|helpers?|common|misc)\.\w+$/.test(file))
    .map(({ file }) => `${file}: name it for what it does`);
  expect(drawers).toEqual([]);
});

it("a Lambda is parse, one call, answer: at most 40 lines", () => {
  const long = sources("functions")
    .filter(({ lines }) => lines.length - 1 > 40)
    .map(({ file }) => `${file}: move what it does into shared/`);
  expect(long).toEqual([]);
});

const impurities = [
  { name: "files", text: 'import fs from "node:fs";\nfs.statSync(".");\n', says: "shared/core is pure" },
  { name: "sdk", text: 'import { X } from "@aws-sdk/client-ec2";\nnew X();\n', says: "shared/core is pure" },
  { name: "shell", text: 'import { x } from "../world.ts";\nx();\n', says: "shared/core is pure" },
  { name: "clock", text: "export const now = Date.now();\n", says: "the global variable Date" },
  { name: "environment", text: "export const e = process.env;\n", says: "the global variable process" },
] as const;

/**
 * Lints snippets as if they stood in shared/core/, under this project's own configuration, and answers what the linter
 * says of each. In a folder of its own: a file that breaks the rules can't stand in this one.
 */
function lintInCore(
  snippets: readonly { readonly name: string; readonly text: string }[],
): Map<string, string> {
  const folder = mkdtempSync(path.join(tmpdir(), "tidy-"));
  try {
    mkdirSync(path.join(folder, "shared/core"), { recursive: true });
    for (const file of ["biome.json", ".gitignore"])
      copyFileSync(path.join(ROOT, file), path.join(folder, file));
    for (const { name, text } of snippets) writeFileSync(path.join(folder, `shared/core/${name}.ts`), text);
    const biome = path.join(ROOT, "node_modules/@biomejs/biome/bin/biome");
    const { stdout } = spawnSync(process.execPath, [biome, "lint", "--reporter=github", "."], {
      cwd: folder,
      encoding: "utf8",
    });
    const said = stdout.split("\n").filter((line) => line.startsWith("::"));
    return new Map(
      snippets.map(({ name }) => [name, said.filter((line) => line.includes(`core/${name}.ts`)).join("\n")]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it("the linter keeps files, the SDK, the shell, the clock and the environment out of shared/core", () => {
  const said = lintInCore([...impurities, { name: "pure", text: "export const one = 1;\n" }]);
  for (const { name, says } of impurities) expect(said.get(name), name).toContain(says);
  expect(said.get("pure")).toBe("");
});

it("a document leads to nothing that is not there", () => {
  const inDocs = readdirSync("docs", { recursive: true }).map((file) => path.join("docs", String(file)));
  const documents = ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...inDocs].filter((file) =>
    file.endsWith(".md"),
  );
  const anchorsOf = (text: string) => [
    ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id),
    ...[...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  ];
  const astray = documents.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(
      ([link, to = "", anchor]) => {
        const target = to === "" ? file : path.join(path.dirname(file), to);
        if (!existsSync(target)) return [`${file}: ${link}`];
        if (anchor === undefined || !target.endsWith(".md")) return [];
        return anchorsOf(readFileSync(target, "utf8")).includes(anchor) ? [] : [`${file}: ${link}`];
      },
    ),
  );
  expect(documents.length).toBeGreaterThan(20);
  expect(astray).toEqual([]);
});
