/** What is wrong with a configuration: every problem, each with its place and a remedy. */

export interface ConfigProblem {
  /** Counted from 1; 0 where the file itself could not be read. */
  readonly line: number;
  readonly column: number;
  /** `groups.nat-a.members[1].instance`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** A configuration that can't be used. Its message names every problem, in the order of the file. */
export class ConfigError extends Error {
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const ordered = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const count = ordered.length === 1 ? "a problem" : `${ordered.length} problems`;
    super(
      [`${file} has ${count}:`, ...ordered.map((problem) => `  ${problemText(file, problem)}`)].join("\n"),
    );
    this.name = "ConfigError";
    this.file = file;
    this.problems = ordered;
  }
}

function problemText(file: string, problem: ConfigProblem): string {
  const place = problem.line === 0 ? file : `${file}:${problem.line}:${problem.column}`;
  const subject = problem.path === "" ? "" : `${problem.path}: `;
  return `${place}  ${subject}${problem.message} — ${problem.remedy}`;
}
