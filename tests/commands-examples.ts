/**
 * Plays the examples of docs/commands.md on the embedded cloud's models: every `sls invoke` and every breakage in the order
 * in which they stand, so that the document is one story and every answer in it is the real one.
 */
import { breakageOf } from "../local/cli/breakage.ts";
import type { Breakage } from "../local/ec2/ec2.ts";
import { command } from "../shared/command.ts";
import { acknowledge, pause, resume } from "../shared/core/commands.ts";
import { dailyDoctor, doctor } from "../shared/doctor.ts";
import type { SwitchBack } from "../shared/drill/back.ts";
import { drill } from "../shared/drill.ts";
import { reconcile } from "../shared/reconcile.ts";
import { release } from "../shared/release.ts";
import { answerOf, Refused } from "../shared/report.ts";
import {
  parseAcknowledgeRequest,
  parsePauseRequest,
  parseReleaseRequest,
  parseResumeRequest,
} from "../shared/requests/commands.ts";
import { parseDoctorRequest } from "../shared/requests/doctor.ts";
import { parseDrillRequest } from "../shared/requests/drill.ts";
import { parseFailoverRequest, parseStatusRequest, parseSweepRequest } from "../shared/requests.ts";
import { statusOf } from "../shared/status.ts";
import { sweep } from "../shared/sweep.ts";
import type { World } from "../shared/world.ts";
import { MINUTE, type Stage } from "./enumeration/stage.ts";
import { connectBus, switchOver } from "./scenarios/drills.ts";
import { STACK, stackRules } from "./stack-rules.ts";

type Play = (input: unknown, stage: Stage, world: World) => Promise<unknown>;

/** What each function does with its input, beside the shared stack of lambda.ts. */
const PLAYS: Readonly<Record<string, Play>> = {
  failover: async (input, { config }, world) => {
    const { group, plan, planId, ...request } = parseFailoverRequest(input, config);
    const look = { trigger: "operator", request, plan, historyDays: config.historyDays };
    const report = await reconcile(group, planId === undefined ? look : { ...look, planId }, world);
    if (!plan && (report.outcome === "held" || report.outcome === "failed")) throw new Refused(report);
    return answerOf(report);
  },
  status: async (input, { config }, world) => {
    const { groups, history } = parseStatusRequest(input, config);
    return await statusOf(groups, history, world);
  },
  sweep: async (input, { config }, world) =>
    await sweep(parseSweepRequest(input, config), config, world, () => undefined),
  pause: async (input, { config }, world) => {
    const { group, ...asking } = parsePauseRequest(input, config);
    return await command(group, config, world, (state, now) => pause(state, asking, now));
  },
  resume: async (input, { config }, world) => {
    const { group, ...asking } = parseResumeRequest(input, config);
    return await command(group, config, world, (state, now) => resume(state, asking, now));
  },
  acknowledge: async (input, { config }, world) => {
    const { group, ...asking } = parseAcknowledgeRequest(input, config);
    return await command(group, config, world, (state, now) => acknowledge(state, group, asking, now));
  },
  drill: async (input, stage, world) => {
    connectBus(stage);
    const tools = { back: (to: SwitchBack) => switchOver(stage, to), tell: () => undefined };
    const asked = parseDrillRequest(input, stage.config);
    if (!("group" in asked)) throw new Error("a schedule is no example");
    return await drill(asked, stage.config, world, tools).finally(() => {
      stage.onEvent = undefined;
    });
  },
  release: async (input, { config }, world) =>
    await release(parseReleaseRequest(input, config), config, world),
  doctor: async (input, { config }, world) => {
    const request = parseDoctorRequest(input, config);
    const rules = stackRules(config);
    const practice = { config, world: { ...world, eventbridge: rules.events }, stack: STACK };
    return "daily" in request
      ? await dailyDoctor(request.daily, practice)
      : await doctor(request.groups, practice).finally(rules.close);
  },
};

const BLOCK = /```sh\n(?<commands>[^`]*?)```(?:\n\n```json\n(?<answer>[^`]*?)```)?/g;
const INVOKE = /sls invoke -f (?<name>\w+)(?: -d '(?<input>[^']*)')?/;
const BREAK = /npm run cloud -- break (?<words>.+)/;

/** The document with the answers that its examples really get; one that differs only in times and ids is left as it is. */
export async function playedBy(stage: Stage, document: string): Promise<string> {
  let text = "";
  let at = 0;
  let planId = "";
  for (const match of document.matchAll(BLOCK)) {
    const { commands = "", answer } = match.groups ?? {};
    text += document.slice(at, match.index);
    at = match.index + match[0].length;
    const written = commands.replace(/p1\.[\w-]+/, planId);
    const given = await play(stage, written);
    if (answer === undefined || given === undefined) {
      text += match[0];
      continue;
    }
    planId = /"planId": "(p1\.[\w-]+)"/.exec(given)?.[1] ?? planId;
    const same = masked(given) === masked(answer.trim());
    text += same ? match[0] : `\`\`\`sh\n${written}\`\`\`\n\n\`\`\`json\n${given}\n\`\`\``;
  }
  return text + document.slice(at);
}

/** Carries out one block, and answers what the last invocation in it answered. */
async function play(stage: Stage, commands: string): Promise<string | undefined> {
  let answer: string | undefined;
  for (const line of commands.split("\n")) {
    const { words } = BREAK.exec(line)?.groups ?? {};
    if (words !== undefined) {
      stage.cloud.ec2.break(breakageOf(words.split(" "), stage.now()) as Breakage, stage.now());
      await stage.pass(3 * MINUTE);
    }
    const { name, input } = INVOKE.exec(line)?.groups ?? {};
    if (name !== undefined) answer = await invoke(stage, name, input);
  }
  return answer;
}

/** Invokes a function by its name, with its input as JSON, and answers what it answered, or its error. */
export async function invoke(stage: Stage, name: string, input: string | undefined): Promise<string> {
  const work = PLAYS[name];
  if (work === undefined) throw new Error(`nobody plays ${name}: give it a line in PLAYS`);
  let answer: unknown;
  stage.invoke(name, async (world) => {
    answer = await work(input === undefined ? undefined : JSON.parse(input), stage, world).catch(
      (error: Error) => ({ errorType: error.name, errorMessage: error.message }),
    );
  });
  await stage.until(() => answer !== undefined);
  await stage.pass(MINUTE / 2);
  return JSON.stringify(answer, undefined, 2);
}

/** The text without what is another in every run. */
export function masked(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replace(/\d\d:\d\d:\d\d UTC/g, "<time>")
    .replace(/eni-attach-[0-9a-f]+/g, "<attachment>")
    .replace(/p1\.[\w-]+/g, "<plan>")
    .replace(/\bfor \d+ s\b/g, "for <span>")
    .replace(/\b[\d.]+ s from the alarm\b/g, "<span> from the alarm")
    .replace(/("\w+": )\d+(\.\d+)?/g, "$1<number>");
}
