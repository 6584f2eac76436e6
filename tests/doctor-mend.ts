/** Types what a finding says that mends it: the AWS CLI's lines as calls to the models, and the controller's own commands. */
import { invoke } from "./commands-examples.ts";
import type { Clinic } from "./doctor-stage.ts";
import { MINUTE } from "./enumeration/stage.ts";

/** Carries the command out, one line after the other, as a shell would. */
export async function type(clinic: Clinic, line: string): Promise<void> {
  for (const part of line.split(" && ")) {
    const [program = "", ...words] = wordsOf(part);
    if (program === "npx") await ownCommand(clinic, words);
    else await awsCommand(clinic, words);
  }
}

/** `sls invoke -f NAME -d INPUT` */
async function ownCommand({ stage }: Clinic, words: readonly string[]): Promise<void> {
  const [, , , name = "", , input] = words;
  const answer = await invoke(stage, name, input);
  if (answer.includes('"errorType"')) throw new Error(answer);
}

async function awsCommand(clinic: Clinic, words: readonly string[]): Promise<void> {
  const [service = "", verb = "", ...rest] = words;
  if (verb === "wait") return await clinic.stage.pass(15 * MINUTE);
  const operation = pascal(verb);
  const input: Record<string, unknown> = {};
  for (let at = 0; at < rest.length; at += 2) {
    const name = pascal(rest[at]?.slice(2) ?? "");
    input[name] = /(Ids|Names)$/.test(name) ? [rest[at + 1]] : unfolded(rest[at + 1] ?? "");
  }
  if (service === "ec2") clinic.ec2(operation, input);
  else if (service === "cloudwatch") clinic.cloudwatch(operation, input);
  else if (service === "dynamodb") clinic.dynamodb(`${operation}Command`, input);
  else if (service === "events") clinic.rules.call(operation, input);
  else throw new Error(`nobody carries out aws ${service}`);
}

/** Words, with what stands in quotes as one of them, and without the quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, one, two, three]) => one ?? two ?? three ?? "",
  );
}

function pascal(words: string): string {
  return words.replace(/(?:^|-)(\w)/g, (_, first: string) => first.toUpperCase());
}

/** The CLI's shorthand: `Enabled=true, AttributeName=ttl` is a map. */
function unfolded(text: string): unknown {
  if (!text.includes("=")) return text;
  const pairs = text.split(",").map((pair) => {
    const [name = "", value = ""] = pair.trim().split("=");
    return [name, value === "true" || value === "false" ? value === "true" : value];
  });
  return Object.fromEntries(pairs);
}
