/**
 * Prints `N passed, N failed` alone on the last line, for whoever reads only that: a person in a hurry, or a script.
 * A file that could not be loaded and an error outside any test count as failures.
 */
import type { Reporter, TestModule } from "vitest/node";

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        if (state === "failed") failed += 1;
      }
    }
    // After the summary of the default reporter, which is printed by a listener of the same event.
    process.once("exit", () => console.log(`${passed} passed, ${failed} failed`));
  }
}
