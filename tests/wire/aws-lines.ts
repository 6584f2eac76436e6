/**
 * The lines of a document that call the AWS CLI, carried out through the SDK: the same operation with the same input, since
 * the CLI makes the names of its options out of those. So a line with an option that does not exist fails here, too.
 */
import * as ec2 from "@aws-sdk/client-ec2";
import * as eventbridge from "@aws-sdk/client-eventbridge";
import * as lambda from "@aws-sdk/client-lambda";
import { expect } from "vitest";

const SERVICES = {
  ec2: { made: ec2, client: ec2.EC2Client },
  events: { made: eventbridge, client: eventbridge.EventBridgeClient },
  lambda: { made: lambda, client: lambda.LambdaClient },
} as const;

interface Sender {
  send(command: never): Promise<unknown>;
  destroy(): void;
}

type Sent = Readonly<Record<string, unknown>>;

/** Carries out lines against an endpoint, in a shell that knows variables and `$(…)`, and nothing else. */
export class AwsLines {
  readonly variables: Record<string, string> = {};
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /** Carries out one line. Throws what AWS answers. */
  async run(line: string): Promise<void> {
    const text = line.trim();
    const taken = /^([A-Z]+)=\$\((aws .*)\)$/.exec(text);
    if (taken?.[2] !== undefined) this.variables[taken[1] ?? ""] = await this.#aws(taken[2]);
    else if (/^[A-Z]+=/.test(text)) for (const one of text.split(" ")) this.#assign(one);
    else if (text !== "" && !text.startsWith("#")) await this.#aws(text);
  }

  #assign(text: string): void {
    const [name = "", value = ""] = text.split("=");
    this.variables[name] = value;
  }

  async #aws(line: string): Promise<string> {
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
      ([, quoted, word]) => quoted ?? this.#filled(word),
    );
    const [aws, service = "", operation = "", ...options] = words;
    expect(aws).toBe("aws");
    if (operation === "wait") return await this.#wait(service, options);
    const { query, output: _, ...input } = optionsOf(options);
    const answer = await this.#send(service, operation, input);
    return query === undefined ? "" : String(picked(answer, String(query)));
  }

  async #wait(service: string, [state, ...options]: readonly string[]): Promise<string> {
    expect([service, state]).toEqual(["ec2", "network-interface-available"]);
    for (let tries = 0; tries < 200; tries += 1) {
      const answer = await this.#send(service, "describe-network-interfaces", optionsOf(options));
      if (picked(answer, "NetworkInterfaces[0].Status") === "available") return "";
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("the interface does not become available");
  }

  async #send(service: string, operation: string, input: Sent): Promise<unknown> {
    const { made, client } =
      SERVICES[service as keyof typeof SERVICES] ?? expect.fail(`no service ${service}`);
    const command =
      Reflect.get(made, `${pascal(operation)}Command`) ?? expect.fail(`no operation ${operation}`);
    const credentials = { accessKeyId: "operator", secretAccessKey: "operator" };
    const sender: Sender = new client({ endpoint: this.#endpoint, region: "eu-west-1", credentials });
    try {
      return await sender.send(new command(input) as never);
    } finally {
      sender.destroy();
    }
  }

  #filled(word = ""): string {
    return word.replace(
      /\$([A-Z]+)/g,
      (_, name) => this.variables[name] ?? expect.fail(`${name} is not set`),
    );
  }
}

/** `--device-index 1` is `DeviceIndex: 1`; a list's option ends in `-ids`, and a flag has no value. */
function optionsOf(words: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (let at = 0; at < words.length; at += 1) {
    const option = words[at]?.slice(2) ?? "";
    const next = words[at + 1];
    const value =
      next === undefined || next.startsWith("--") ? true : /^\d+$/.test(next) ? Number(next) : next;
    if (value !== true) at += 1;
    const name = option === "query" || option === "output" ? option : pascal(option);
    found[name] = option.endsWith("-ids") ? [value] : value;
  }
  return found;
}

const pascal = (text: string) => text.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());

/** `NetworkInterfaces[0].Status`; a choice of several in brackets at the end is left out. */
function picked(answer: unknown, query: string): unknown {
  const steps = query.replace(/\.\[.*\]$/, "").match(/[A-Za-z]+|\d+/g) ?? [];
  return steps.reduce<unknown>((from, step) => (from as Sent | undefined)?.[step], answer);
}
