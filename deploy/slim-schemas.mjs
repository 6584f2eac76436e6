/**
 * An esbuild plugin that makes the SDK's schemas shakeable.
 *
 * client-ec2 carries a schema for each of its 3,400 shapes, 540 KB, and writes their traits with computed keys:
 * `{ [_xN]: "item" }`. A computed key may run code, so esbuild has to keep every one of them, used or not. With the key
 * written out (each is a string constant of the same file) the unused schemas go, and 13 KB are left.
 */
import { readFile } from "node:fs/promises";

const SCHEMAS = /[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;
const CONSTANT = /^const (_\w+) = "([^"]*)";$/gm;
const COMPUTED_KEY = /\[(_\w+)\]:/g;

export const slimSchemas = {
  name: "slim-schemas",
  setup(build) {
    build.onLoad({ filter: SCHEMAS }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const constants = new Map([...source.matchAll(CONSTANT)].map(([, name, value]) => [name, value]));
      const contents = source.replace(COMPUTED_KEY, (computed, name) =>
        constants.has(name) ? `${JSON.stringify(constants.get(name))}:` : computed,
      );
      return { loader: "js", contents };
    });
  },
};
