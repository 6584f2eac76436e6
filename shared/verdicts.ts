/** What a prober says, heard and noted in the record: it comes by event, and nothing else would show it. */
import type { Config } from "./config.ts";
import type { Probed, RecordRead } from "./core/model.ts";
import { SCHEMA } from "./core/model.ts";
import { type Heard, hear } from "./core/verdict.ts";
import { Failure } from "./errors.ts";
import { addedBy, deliverOutbox } from "./outbox.ts";
import { type Answer, answerOf, type Report, servedReport } from "./report.ts";
import { readState, readStates, writeState } from "./store.ts";
import { sweep, throwAll } from "./sweep.ts";
import type { World } from "./world.ts";

type Verdicts = Readonly<Record<string, Probed>>;
type Noted = Omit<Heard, "state">;

/**
 * Notes the verdicts, and looks at the groups about which they say something new, as a sweep does. A minute in which
 * everybody serves costs one read for a hundred groups, and ends there. Throws, after all were heard, what went wrong.
 */
export async function hearVerdicts(
  verdicts: Verdicts,
  config: Config,
  world: World,
  tell: (report: Report) => void,
): Promise<readonly Answer[]> {
  const names = Object.keys(verdicts);
  const records = await readStates(world, names);
  const errors: unknown[] = [];
  const answers: Answer[] = [];
  const due = await Promise.all(
    Object.entries(verdicts).map(async ([name, verdict]) => {
      try {
        const { look, served } = await note(name, verdict, records.get(name), config.historyDays, world);
        if (served !== undefined) {
          const report = servedReport(name, served);
          tell(report);
          answers.push(answerOf(report));
        }
        return look ? (config.groups[name] ?? []) : [];
      } catch (error) {
        world.log("error", "a verdict could not be noted", { group: name, error });
        errors.push(error);
        return [];
      }
    }),
  );
  const groups = due.flat();
  const swept =
    groups.length === 0 ? [] : (await sweep({ groups, named: true }, config, world, tell)).reports;
  throwAll(errors, names.length);
  return [...answers, ...swept];
}

const TRIES = 3;

/**
 * Notes one verdict. Touches only its own attributes, under the version, so that no claim is disturbed. Throws `Failure`
 * when the table does not take it: what the prober still sees comes with its next verdict.
 */
async function note(
  group: string,
  verdict: Probed,
  first: RecordRead | undefined,
  historyDays: number,
  world: World,
): Promise<Noted> {
  let record = first ?? (await readState(world, group));
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (record.read === "away") throw new Failure("retry", "TableAway", "record", record.error);
    const { state } = record;
    // Not ours to write; the look that follows says so.
    if (state.schema > SCHEMA) return { look: true };
    const { state: after, ...heard } = hear(state, verdict, world.clock.now());
    if (after === state) return heard;
    const result = await writeState(world, group, state, after, { kind: "version", version: state.version });
    if (result.written && heard.served !== undefined) {
      await deliverOutbox(world, group, result.state, { historyDays, ours: addedBy(state, after) });
    }
    if (result.written) return heard;
    record = { read: "ok", state: result.state };
  }
  throw new Failure("retry", "Contention", "record", `the verdict on ${group} could not be noted`);
}
