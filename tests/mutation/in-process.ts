/**
 * The words of vitest that the tests of the mutation suites use, for many runs of them in one process: a file says its
 * tests when it is loaded, and whoever loaded it runs them, any of them, as often as needed.
 */
import { chai, customMatchers, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";
import fc from "fast-check";

type Body = (...row: never[]) => unknown;
type Options = { readonly timeout?: number };

interface Test {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What the loaded files have said, in their order. */
export const tests: Test[] = [];

const path: string[] = [];
/** Of the file that is being loaded, and the blocks around: what comes before each test. */
let before: readonly Body[] = [];

/** Says the tests of one file. Its hooks are its own. */
export function file(name: string): void {
  path.length = 0;
  path.push(name);
  before = [];
}

export function beforeEach(body: Body): void {
  before = [...before, body];
}

export function describe(name: string, body: Body): void {
  block(name, body, []);
}

export function it(name: string, ...rest: readonly (Options | Body)[]): void {
  test(name, rest, []);
}

describe.each = eachOf((name, [body], row) => block(name, body as Body, row));
it.each = eachOf(test);

function eachOf(say: (name: string, rest: readonly (Options | Body)[], row: readonly unknown[]) => void) {
  return (rows: readonly unknown[]) =>
    (name: string, ...rest: readonly (Options | Body)[]): void => {
      for (const row of rows) say(name, rest, Array.isArray(row) ? row : [row]);
    };
}

function block(name: string, body: Body, row: readonly unknown[]): void {
  const outside = before;
  path.push(name);
  body(...(row as never[]));
  path.pop();
  before = outside;
}

function test(name: string, rest: readonly (Options | Body)[], row: readonly unknown[]): void {
  const body = rest.find((one) => typeof one === "function") as Body;
  const hooks = before;
  const run = async (): Promise<void> => {
    for (const hook of hooks) await hook();
    await body(...(row as never[]));
  };
  tests.push({ name: [...path, name].join(" > "), run });
}

// A property that fails has noticed, whatever the smallest example is; and the same mutants survive every time.
fc.configureGlobal({ endOnFailure: true, seed: 1 });

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
// A snapshot is not compared: what only a snapshot would notice survives.
chai.util.addMethod(chai.Assertion.prototype, "toMatchInlineSnapshot", () => undefined);
export const expect = chai.expect;
(expect as unknown as { extend(on: object, matchers: object): void }).extend(expect, customMatchers);
