/**
 * Loads a TypeScript module of this project into the process that asks for it: bundled in memory by esbuild, written
 * nowhere. Serverless is CommonJS and Node 20 does not strip types, so this is how both the plugin and the build get at
 * the one configuration parser and at the stack.
 */
"use strict";

const { Module } = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const esbuild = require("esbuild");

/** The exports of the TypeScript module `file` (absolute), with everything that it imports. */
exports.loadTypeScript = (file) => {
  const { outputFiles } = esbuild.buildSync({
    entryPoints: [file],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    sourcemap: "inline",
    define: { "import.meta.url": JSON.stringify(pathToFileURL(file).href) },
    logLevel: "silent",
  });
  const loaded = new Module(file);
  loaded.filename = file;
  loaded.paths = Module._nodeModulePaths(path.dirname(file));
  loaded._compile(outputFiles[0].text, file);
  return loaded.exports;
};
