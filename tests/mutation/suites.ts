/** What is mutated, and the tests that have to notice: quick ones, since they are run for every mutant. */

export interface Suite {
  readonly name: string;
  /** The sources, as a pattern on their paths. A file is of the first suite that has it. */
  readonly sources: RegExp;
  /** Globs of test files. */
  readonly tests: readonly string[];
}

/** The tables of the core. The exhaustive `every-*` tests take seconds a run, so they are left out. */
const TABLES = "tests/core/!(every-)*.test.ts";

export const SUITES: readonly Suite[] = [
  {
    name: "core, by the loop",
    sources: /^shared\/core\/(holding|plan|readiness|without)\.ts$/,
    tests: [TABLES, "tests/{command,plan,status}.test.ts", "tests/scenarios/no-table.test.ts"],
  },
  {
    name: "core, by the doctor",
    sources: /^shared\/core\/(advice|doctor|examined|finding.*)\.ts$/,
    tests: [TABLES, "tests/doctor.test.ts"],
  },
  { name: "core", sources: /^shared\/core\//, tests: [TABLES] },
  {
    name: "store",
    sources: /^shared\/(store\/|store\.ts|claim\.ts)/,
    tests: ["tests/store-*.test.ts", "tests/claim.test.ts", "tests/scenarios/table-away.test.ts"],
  },
  {
    name: "errors",
    sources: /^shared\/(errors\/|errors\.ts)/,
    tests: ["tests/errors.test.ts"],
  },
  {
    name: "configuration",
    sources: /^shared\/(config\/|check\.ts)/,
    tests: [
      // The words for editors are a file, and most of what is mutated here is words.
      "tests/config-schema.test.ts",
      "tests/check.test.ts",
      "tests/core/drill-times.test.ts",
      "tests/config-{complete,notation,policy,probe,problems,relations,words}.test.ts",
      "tests/requests.test.ts",
    ],
  },
];
