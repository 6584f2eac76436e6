/**
 * The answer of one of our own probers, as Lambda's on-success destination puts it on the bus.
 *
 * The one event beside a spot notice that carries what no later read would show. So it is read strictly: only from a
 * function of this stack that the configuration makes a prober, about the groups and addresses that it probes. Whoever
 * may put events with the source `lambda` on the account's bus could forge it; what that can do at most is in
 * docs/probe.md.
 * Source: Lambda developer guide, "Capturing records of Lambda asynchronous invocations"
 */
import * as v from "valibot";
import { readInput } from "../bad-request.ts";
import { must } from "../check.ts";
import { type Config, settings } from "../config.ts";
import type { Group, Probed } from "../core/model.ts";
import { Verdicts } from "../prober/verdict.ts";
import { probersOf } from "../probers.ts";
import { ignored, type Reader } from "./trigger.ts";

const Invoked = v.object({
  account: v.pipe(v.string(), must("the account of the event", { example: "123456789012" })),
  region: v.pipe(v.string(), must("the Region of the event", { example: "eu-west-1" })),
  detail: v.pipe(
    v.object({
      requestContext: v.object({
        functionArn: v.pipe(
          v.string(),
          must("the ARN of a function", { remedy: "give the event as it came" }),
        ),
        condition: v.picklist(["Success"]),
      }),
      responsePayload: v.pipe(
        v.object({ verdicts: Verdicts }),
        must("the answer of a prober", { remedy: "give the event as it came" }),
      ),
    }),
    must("the record of an invocation", { remedy: "give the event as EventBridge sends it" }),
  ),
});

/** Reads the verdicts of a prober. Every group that it probes is heard, since the quiet ones may have been silent. */
export const probeVerdict: Reader = (event, envelope, config) => {
  const { account, region, detail } = readInput(Invoked, event, "not the answer of a prober");
  const { functionArn } = detail.requestContext;
  const prober = ownProber(functionArn, account, region, config);
  if (prober === undefined) return ignored(envelope, functionArn, `${functionArn} is no prober of ours`);
  const verdicts: Record<string, Probed> = {};
  for (const name of prober.groups) {
    const [group, verdict] = [config.groups[name], detail.responsePayload.verdicts[name]];
    if (group !== undefined && verdict !== undefined) verdicts[name] = ofMembers(group, verdict);
  }
  const concerns = Object.keys(verdicts).map((group) => ({ group }));
  const message = `verdict of ${prober.name}: ${inWords(verdicts)}`;
  const { id, at } = envelope;
  return { id, kind: "probe", at, subject: prober.name, message, concerns, verdicts };
};

/** The prober whose function this is, in this account and Region, as the stack names it. */
function ownProber(functionArn: string, account: string, region: string, config: Config) {
  const [, , service, where, whose, kind, name] = functionArn.split(":");
  const here = service === "lambda" && kind === "function" && where === region && whose === account;
  const { stack } = settings();
  return here ? probersOf(config).find((prober) => name === `${stack}-${prober.name}`) : undefined;
}

/** A prober that is not deployed anew yet may know a member that has left the group. */
function ofMembers(group: Group, verdict: Probed): Probed {
  const known = new Set(group.members.map(({ name }) => name));
  const members = Object.entries(verdict.members).filter(([name]) => known.has(name));
  return { ...verdict, members: Object.fromEntries(members) };
}

function inWords(verdicts: Readonly<Record<string, Probed>>): string {
  const told = Object.entries(verdicts).flatMap(([group, { floating, members }]) => {
    const all = { ...(floating === undefined ? {} : { floating }), ...members };
    const not = Object.entries(all).filter(([, { says }]) => says !== "serving");
    return not.map(([address, { says, detail }]) => `${group} ${address} is ${says} (${detail})`);
  });
  return told.length === 0 ? "every address serves" : told.join("; ");
}
