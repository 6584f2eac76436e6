/**
 * Builds the Lambdas: every file of functions/ becomes one bundle in dist/, and beside the bundles goes the
 * configuration, validated. Everything is deterministic, and a file that would not change is not written, so that
 * builds may run side by side and packages are the same byte for byte.
 *
 *     node deploy/build.mjs [--quiet] [--stage dev] [--config failover.yml]
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { slimSchemas } from "./slim-schemas.mjs";

const { readConfiguration } = createRequire(import.meta.url)("./configuration.cjs");

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = path.join(root, "dist");
const SERVICE = "eni-failover";

/** The SDK's CommonJS dependencies call `require`, which an ES module has not. */
const REQUIRE =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

/** The functions of the service, by name: one a file of functions/. */
async function functionNames() {
  const files = await readdir(path.join(root, "functions"));
  return files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.basename(file, ".ts"))
    .sort();
}

/** How a bundle is made, whatever is in it. */
export const SETTINGS = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "esm",
  // Lambda runs Node 24; `sls invoke local` runs whatever Node the machine has.
  target: "node20",
  mainFields: ["module", "main"],
  minify: true,
  // Errors are told by the name of their class.
  keepNames: true,
  legalComments: "none",
  sourcemap: "linked",
  sourcesContent: false,
  banner: { js: REQUIRE },
  // The SDK warns of Nodes that it will not support for long. Which Node runs a Lambda stands in serverless.yml.
  define: { "process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": '"true"' },
  alias: { "@aws-sdk/credential-provider-node": path.join(root, "deploy/environment-credentials.mjs") },
  plugins: [slimSchemas],
  logLevel: "warning",
};

async function bundle(names) {
  const entryPoints = names.map((name) => `functions/${name}.ts`);
  const { outputFiles } = await esbuild.build({ ...SETTINGS, entryPoints, outdir: dist, write: false });
  return outputFiles.map((file) => [path.relative(dist, file.path), file.contents]);
}

/** Writes `contents` unless it is there already; whole or not at all, since another process may be reading. */
async function write(name, contents) {
  const file = path.join(dist, name);
  const present = await readFile(file).catch(() => undefined);
  if (present !== undefined && Buffer.from(contents).equals(present)) return;
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, contents);
  await rename(temporary, file);
}

/**
 * Bundles the functions and puts the source of an already validated configuration beside them. `only` names the one that
 * is needed now; the others are left as they are. Answers the names of the files that it made.
 */
export async function build(source, only) {
  const all = await functionNames();
  const names = all.filter((name) => only === undefined || name === only);
  const bundles = await bundle(names.length === 0 ? all : names);
  const files = [
    ...bundles,
    ["failover.json", `${JSON.stringify(source, undefined, 2)}\n`],
    ["package.json", '{"type":"module"}\n'],
  ];
  await mkdir(dist, { recursive: true });
  await Promise.all(files.map(([name, contents]) => write(name, contents)));
  const made = files.map(([name]) => name);
  if (only !== undefined) return made;
  const stale = (await readdir(dist)).filter((name) => !made.includes(name) && !name.endsWith(".tmp"));
  await Promise.all(stale.map((name) => rm(path.join(dist, name), { recursive: true, force: true })));
  return made;
}

const kilobytes = ({ length }) => String(Math.round(length / 1000)).padStart(4);

async function main() {
  const { values } = parseArgs({
    options: {
      quiet: { type: "boolean", default: false },
      stage: { type: "string", default: "dev" },
      config: { type: "string" },
    },
  });
  const started = performance.now();
  const { file, source } = await readConfiguration({
    directory: process.cwd(),
    stage: values.stage,
    file: values.config,
    stack: `${SERVICE}-${values.stage}`,
  });
  const names = await build(source);
  if (values.quiet) return;
  console.log(`dist/ with ${file} (${Math.round(performance.now() - started)} ms), KB and compressed:`);
  for (const name of names.filter((one) => one.endsWith(".js"))) {
    const bundle = await readFile(path.join(dist, name));
    console.log(`  ${name.padEnd(18)} ${kilobytes(bundle)} ${kilobytes(gzipSync(bundle))}`);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main().catch((error) => {
    // A wrong configuration is the user's to mend: all its problems, and no stack trace. esbuild has told its own.
    if (error.name === "ConfigError") console.error(error.message);
    else if (error.errors === undefined) console.error(error);
    process.exitCode = 1;
  });
}
