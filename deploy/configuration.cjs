/**
 * Finds, reads and validates the configuration that a package is made of, with the controller's own parser.
 */
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { loadTypeScript } = require("./load.cjs");

/** The module that knows the configuration and the stack, loaded once per process. */
let stackModule;
const loadStack = () => {
  stackModule ??= loadTypeScript(path.join(__dirname, "stack.ts"));
  return stackModule;
};

/** `file` if one is named, else `failover.<stage>.yml` where there is one, else `failover.yml`. */
function configurationFile({ directory, stage, file }) {
  if (file !== undefined) return file;
  const ofStage = `failover.${stage}.yml`;
  return fs.existsSync(path.join(directory, ofStage)) ? ofStage : "failover.yml";
}

/**
 * The configuration of a stage: `{file, source, stack}`. `source` is what the file says, as plain data, and goes into
 * the package; `stack` is what follows from it for the template. Throws a ConfigError that carries every problem.
 */
exports.readConfiguration = async ({ directory, stage, file, stack, artifacts }) => {
  const { ConfigError, parseConfig, readYaml, stackOf } = loadStack();
  const name = configurationFile({ directory, stage, file });
  const text = readText(path.resolve(directory, name), name, ConfigError);
  const config = await parseConfig(text, { path: name, stack });
  return { file: name, source: readYaml(text).value, stack: stackOf(config, { stack }, artifacts) };
};

/** What is otherwise in a large template. Throws a ConfigError that carries everything that AWS would refuse for its size. */
exports.checkSize = (file, template, nested) => {
  const { ConfigError, remarks, tooLarge } = loadStack();
  const found = [template, ...nested.map((text) => JSON.parse(text))].flatMap(tooLarge);
  if (found.length === 0) return remarks(template);
  const remedy = "deploy the groups as several services, each with a configuration of its own";
  const problems = found.map((message) => ({ line: 0, column: 0, path: "", message, remedy }));
  throw new ConfigError(file, problems);
};

function readText(file, name, ConfigError) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    const message = `the configuration can't be read (${error.code})`;
    const remedy = 'write it, or name another file with --param="config=path"';
    throw new ConfigError(name, [{ line: 0, column: 0, path: "", message, remedy }]);
  }
}
