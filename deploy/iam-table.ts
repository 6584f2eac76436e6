/**
 * Writes `docs/iam.md`, what each role of the stack may do and why: `npm run iam`. It is made of the roles themselves and of
 * serverless.yml, for a configuration that uses everything.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { parseConfig } from "../shared/config/parse.ts";
import type { Config } from "../shared/config.ts";
import { notifications } from "./resources/notifications.ts";
import type { Statement } from "./resources/policies.ts";
import { probeFunctions } from "./resources/probers.ts";
import { roles } from "./resources/roles.ts";

export const IAM_FILE = fileURLToPath(new URL("../docs/iam.md", import.meta.url));
const SERVICE_FILE = fileURLToPath(new URL("../serverless.yml", import.meta.url));

const PLACE = { stack: "eni-failover-dev" };

/** Why a statement is there, by its Sid. */
const WHY: Readonly<Record<string, string>> = {
  Observe: "Who is active, how every member is, who could take the group. EC2's reads have no resource types",
  ExamineRules: "The doctor: is there a rule for every alarm and member",
  ExamineTable: "The doctor: can the record be restored, does history expire",
  Record: "The record of the groups, and their history",
  LookAlone: "The sweep starts a look, or the doctor, in an invocation of its own",
  DeadLetters: "Lambda keeps what a function failed on",
  Trace: "X-Ray. Its actions have no resource types",
  Logs: "The function's own log; the log group stands in the stack",
  Move: "Detach, attach, and keep an interface from being deleted with its instance. EC2 asks for both ARNs",
  Stop: "`fence: stop`",
  Isolate: "`fence: isolate`, and its release. Which interfaces a member has besides is not configured",
  SwitchBack: "A drill asks `failover` for the way back",
  NotItself: "That is Lambda's to do: the prober's own code may not",
  InTheVpc: "Lambda's own: it puts the function into the VPC with the function's role",
  ToTheBus: "Lambda's own: a prober's answer leaves as an event",
  Tell: "What happens to a group, as events on the default bus",
  SetAlarms: "A drill puts an alarm into ALARM",
};

const group = (n: number, policy: object) => ({
  interfaces: [{ eni: `eni-0000000${n}`, deviceIndex: 1 }],
  members: [{ instance: `i-0000000${n}` }, { instance: `i-1000000${n}`, alarms: [`alarm-${n}`] }],
  policy,
});
const EVERYTHING = {
  probes: { subnets: ["subnet-00000001"], securityGroups: ["sg-00000001"] },
  groups: {
    a: {
      ...group(1, {}),
      members: [
        { instance: "i-00000001", address: "10.0.0.1", alarms: ["alarm-1"] },
        { instance: "i-10000001", address: "10.0.0.2" },
      ],
      probe: { tcp: 22, address: "10.0.0.3" },
    },
    b: group(2, { fence: "stop" }),
    c: group(3, { fence: { isolate: "sg-00000001" } }),
  },
};

interface Role {
  readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
}

/** The document. Throws where a statement has no reason above. */
export function iamText(): string {
  const config = parseConfig(JSON.stringify(EVERYTHING), { path: "everything.json", ...PLACE });
  const probers = probeFunctions(config, PLACE);
  const sections = Object.entries(roles(config, PLACE)).map(([id, { Properties }]) => {
    const statements = (Properties as unknown as Role).Policies.flatMap(
      (one) => one.PolicyDocument.Statement,
    );
    const rows = statements.map(({ Sid, Effect, Action, Resource, Condition }) => {
      const why = WHY[Sid];
      if (why === undefined) throw new Error(`say in deploy/iam-table.ts why ${id} has the statement ${Sid}`);
      return `| ${Sid} | ${never(Effect)}${Action.map(code).join(" ")} | ${resources(Resource).map(code).join(" ")}${conditions(Condition)} | ${why} |`;
    });
    return `## ${id}\n\n${functionsOf(id, probers).map(code).join(", ")}\n\n| | actions | on | why |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
  });
  return `${INTRODUCTION}\n${sections.join("\n")}\n${resourcePolicies(config)}`;
}

/** A statement of a resource's own policy. */
interface Granted {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal: "*" | { readonly Service: string };
  readonly Action: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What others may do to the topic and to the queue, whose policy stands in serverless.yml. */
function resourcePolicies(config: Config): string {
  const topic = notifications(config, PLACE).NotificationTopicPolicy?.Properties;
  const queue = service().resources.flatMap(({ Resources }) => Resources?.DeadLetterQueuePolicy ?? [])[0]
    ?.Properties;
  const rows = Object.entries({ NotificationTopic: topic, DeadLetterQueue: queue }).flatMap(
    ([on, properties]) => {
      const { Statement } = (properties as { PolicyDocument: { Statement: readonly Granted[] } })
        .PolicyDocument;
      return Statement.map(({ Effect, Principal, Action, Condition }) => {
        const who = Principal === "*" ? "anybody" : code(Principal.Service);
        return `| ${code(on)} | ${who} | ${never(Effect)}${code(Action)}${conditions(Condition)} |`;
      });
    },
  );
  return `## The topic and the queue\n\nWhat their own policies let others do
([0034](decisions/0034-what-resource-policies-can-say.md)). Each function lets in the rules that wake it, by their ARNs.\n
| | who | may |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
}

const INTRODUCTION = `# What the roles may do

Made from the template by \`npm run iam\`, for a configuration that uses everything: a statement on fencing is only there where a
group is fenced so. \`‹interface›\` and \`‹member›\` stand for each one that is configured, \`‹alarm›\` for each alarm that is named.
A test takes away every action and every kind of resource by itself, and shows the call that is then refused
([0018](decisions/0018-a-role-per-duty.md)). Where ids are too many for a role, they are conditions in managed policies
([0024](decisions/0024-how-400-groups-fit.md)).
`;

const never = (effect: Statement["Effect"]) => (effect === "Deny" ? "**never** " : "");

const code = (text: string) => `\`${text}\``;

/** Resources without what is the same for all of an account, and ids as what they stand for. */
const resources = (resource: Statement["Resource"]) => (resource === "*" ? ["*"] : texts(resource));

function texts(values: readonly unknown[]): string[] {
  const short = values.map((one) =>
    (typeof one === "string" ? one : JSON.stringify(one))
      .replace(/^\{"Fn::GetAtt":\["(\w+)","Arn"\]\}$/, "$1")
      .replace(/^.*?\$\{AWS::AccountId\}:|"\}$/g, "")
      .replace(/\$\{self:service\}-\$\{sls:stage\}/, PLACE.stack)
      .replace(/eni-[0-9a-f]{8,}/, "‹interface›")
      .replace(/\bi-[0-9a-f]{8,}/, "‹member›")
      .replace(/\balarm-\d+$/, "‹alarm›"),
  );
  return [...new Set(short)];
}

/** `, where `key` is `value``. */
function conditions(condition: Granted["Condition"] = {}): string {
  const all = Object.values(condition).flatMap((keys) => Object.entries(keys));
  return all
    .map(([key, values]) => `, where ${code(key)} is ${texts([values].flat()).map(code).join(" or ")}`)
    .join("");
}

/** serverless.yml; what its tags would make of a value is left aside. */
const service = (): {
  readonly functions: Readonly<Record<string, object>>;
  readonly resources: readonly {
    readonly Resources?: Readonly<Record<string, { readonly Properties: object }>>;
  }[];
} => parseDocument(readFileSync(SERVICE_FILE, "utf8"), { logLevel: "silent" }).toJS();

/** The functions of a role: those of serverless.yml, and the probers. */
function functionsOf(role: string, probers: object): string[] {
  const functions = Object.entries<{ readonly role?: string }>({ ...service().functions, ...probers });
  return functions.flatMap(([name, one]) => (one.role === role ? [name] : []));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(IAM_FILE, iamText());
