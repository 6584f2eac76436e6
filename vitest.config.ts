import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These raise processes and wait for them: begun last, they would be what everybody waits for in the end. */
const LONG = ["wire-invoke", "permissions", "wire-moves", "large", "demonstration", "probe", "package"].map(
  (name) => `/${name}.test.ts`,
);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex((name) => moduleId.endsWith(name));
      return place === -1 ? LONG.length : place;
    };
    return (await super.sort(files)).sort((left, right) => rank(left) - rank(right));
  }
}

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // Importing the SDK takes longer than most tests: the files of a worker share it. So no test may leave state behind.
    isolate: false,
    // The longest files wait for processes and timers: one worker more than cores keeps the cores busy meanwhile.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    globalSetup: ["./tests/package/folder.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "./tests/summary-reporter.ts"],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
  },
});
