/** A Lambda starts from the JSON copy that packaging makes, and never runs the YAML parser for it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fileOf } from "./config-fixture.ts";

let directory: string;
let loadConfig: (path: string) => Promise<{ groups: object }>;

/** The configuration bundled as a Lambda bundles it, with a YAML parser that can't even be loaded. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "failover-start-"));
  const outfile = join(directory, "config.mjs");
  await build({
    stdin: { contents: 'export { loadConfig } from "./shared/config.ts";', resolveDir: process.cwd() },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    plugins: [
      {
        name: "no-yaml",
        setup(bundler) {
          bundler.onResolve({ filter: /^yaml$/ }, () => ({ path: "yaml", namespace: "no-yaml" }));
          bundler.onLoad({ filter: /.*/, namespace: "no-yaml" }, () => ({
            contents: 'throw new Error("the YAML parser was loaded"); module.exports = {};',
          }));
        },
      },
    ],
  });
  ({ loadConfig } = await import(pathToFileURL(outfile).href));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

it("reads the packaged copy without the YAML parser", async () => {
  const file = join(directory, "failover.json");
  await writeFile(file, `${JSON.stringify(JSON.parse(fileOf({})), undefined, 2)}\n`);
  expect(Object.keys((await loadConfig(file)).groups)).toEqual(["nat-a"]);
});

it("asks for the parser when the file is another", async () => {
  const file = join(directory, "failover.yml");
  await writeFile(file, fileOf({}));
  await expect(loadConfig(file)).rejects.toThrow("the YAML parser was loaded");
});
