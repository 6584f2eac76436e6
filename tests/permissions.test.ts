/**
 * Goal: the packaged roles and policies allow what the functions do, and nothing that they don't.
 * Method: scenarios on the packaged stack, every question to a policy kept. Then each action and each kind of resource is
 * taken out of its statement by itself: a call that was made must be refused now. What nobody misses is to spare.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Keys } from "../local/iam/conditions.ts";
import { evaluate, evaluateForService } from "../local/iam/evaluate.ts";
import { many } from "../local/iam/policy.ts";
import type { Finding } from "../shared/core/finding.ts";
import { packagedOf } from "./package/sls.ts";
import { partsOf } from "./permissions/parts.ts";
import { CONFIGURATIONS, SCENARIOS, WEB } from "./permissions/scenarios.ts";
import { raise, type There } from "./permissions/there.ts";
import { dressedAs } from "./wire/dressed.ts";
import { STACK } from "./wire/stage.ts";

type Name = keyof typeof CONFIGURATIONS;

const clouds = new Map<Name, There>();

beforeAll(async () => {
  const { folder, configPath } = await packagedOf("probed", CONFIGURATIONS.stops);
  const other = await dressedAs(folder, "isolates", CONFIGURATIONS.isolates);
  clouds.set("stops", await raise(folder, configPath));
  clouds.set("isolates", await raise(folder, other.configPath, other.templatePath));
});

afterAll(() => Promise.all([...clouds.values()].map((there) => there.close())));

const cloudOf = (name: Name): There => {
  const there = clouds.get(name);
  if (there === undefined) throw new Error(`${name} was not raised`);
  return there;
};

/** Takes a part of MoverRole away for as long as `work` takes. */
async function without(part: string, work: (there: There) => Promise<void>): Promise<void> {
  const there = cloudOf("stops");
  const { permissions } = there.deployment;
  const role = permissions.bearers().find((bearer) => shortName(bearer) === "MoverRole") ?? "";
  const policies = permissions.policiesOf(role);
  const lesser = partsOf("MoverRole", policies).find(({ name }) => name === `MoverRole ${part}`);
  if (lesser === undefined) throw new Error(`MoverRole has no ${part}`);
  permissions.replace(role, lesser.without);
  await work(there).finally(() => permissions.replace(role, policies));
}

describe("nothing is missing:", () => {
  it.each(SCENARIOS)("$says", async (scenario) => {
    const there = cloudOf(scenario.in);
    await there.play(scenario.says, scenario.play);
    expect(there.refused).toEqual([]);
    expect(there.deployment.lost).toEqual([]);
  });
});

describe("nothing is to spare:", () => {
  /** `MoverRole Move ec2:AttachNetworkInterface` → the first scenario that needs it; undefined: none does. */
  function neededBy(): Map<string, string | undefined> {
    const needed = new Map<string, string | undefined>();
    for (const { deployment, recorded } of clouds.values()) {
      const { permissions } = deployment;
      for (const bearer of permissions.bearers()) {
        const asked = recorded.filter((one) => one.bearer === bearer);
        for (const { name, without } of partsOf(shortName(bearer), permissions.policiesOf(bearer))) {
          const missed = asked.find(({ access, service }) => {
            const verdict =
              service === undefined
                ? evaluate(without, access)
                : evaluateForService(without, service, access);
            return !verdict.allowed;
          });
          needed.set(name, needed.get(name) ?? missed?.scenario);
        }
      }
    }
    return needed;
  }

  it("every action and every kind of resource of every statement is needed by a scenario", () => {
    const spare = [...neededBy()].filter(([, scenario]) => scenario === undefined).map(([name]) => name);
    const advice =
      "no scenario needs this permission: take it out of the template, or add to tests/permissions/scenarios.ts what fails without it";
    expect(spare, advice).toEqual([]);
  });
});

describe("is denied:", () => {
  const bearing = (name: string) => {
    const { permissions } = cloudOf("stops").deployment;
    const bearer = permissions.bearers().find((one) => shortName(one) === name) ?? "";
    return { bearer, policies: permissions.policiesOf(bearer) };
  };

  it("to a prober's own code, what Lambda does to put it into the VPC", () => {
    const { policies } = bearing("ProbeRole");
    const { arn } = cloudOf("stops").deployment.lambda.find(`${STACK}-probe`);
    const allows = policies
      .flatMap(({ Statement }) => many(Statement))
      .filter(({ Effect }) => Effect === "Allow");
    const asked = allows.flatMap(({ Action, Resource }) =>
      many(Action).map((action) => ({ action, resource: many(Resource)[0]?.replace(/\*$/, "x") ?? "" })),
    );
    const verdicts = (keys: Keys) =>
      asked.flatMap((one) => (evaluate(policies, { ...one, keys }).allowed ? [one.action] : []));
    expect(verdicts({})).toHaveLength(asked.length);
    expect(verdicts({ "lambda:sourcefunctionarn": [arn] })).toEqual([
      "events:PutEvents",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]);
  });

  it.each([
    { name: `${STACK}-notifications`, action: "sns:Publish", from: `alarm:${STACK}-controller-no-sweep` },
    { name: "DeadLetterQueue", action: "sqs:SendMessage", from: `rule/${STACK}-sweep` },
  ])("to everybody, $action without encryption", ({ name, action, from }) => {
    const { bearer, policies } = bearing(name);
    const service = from.startsWith("rule") ? "events" : "cloudwatch";
    const allowed = (securely: string) => {
      const sourceArn = `arn:aws:${service}:eu-west-1:123456789012:${from}`;
      const keys = { "aws:sourcearn": [sourceArn], "aws:securetransport": [securely] };
      return evaluateForService(policies, `${service}.amazonaws.com`, { action, resource: bearer, keys })
        .allowed;
    };
    expect([allowed("true"), allowed("false")]).toEqual([true, false]);
  });
});

describe("without a permission", () => {
  /** What the function answered, or what it failed with, as text. */
  const asked = (there: There, input: object) =>
    there
      .invoke("failover", { group: "web", to: WEB.a, ...input })
      .then(JSON.stringify, (error) => error.message);
  const plan = { plan: true };

  it.each<{ part: string; input: object; says: RegExp }>([
    {
      part: "Observe ec2:DescribeNetworkInterfaces",
      input: {},
      says: /could not be read: UnauthorizedOperation/,
    },
    { part: "Record dynamodb:UpdateItem", input: {}, says: /AccessDeniedException.*dynamodb:UpdateItem/ },
    { part: "Move ec2:AttachNetworkInterface", input: plan, says: /UnauthorizedOperation/ },
    { part: "Move on ec2:instance", input: plan, says: /UnauthorizedOperation/ },
    {
      part: "Move ec2:DetachNetworkInterface",
      input: {},
      says: /operator-needed.*detach .UnauthorizedOperation/,
    },
  ])("$part, failover $input says so", ({ part, input, says }) =>
    without(part, async (there) => expect(await asked(there, input)).toMatch(says)),
  );
});

describe("without a permission the doctor finds", () => {
  it.each<{ part: string; finds: readonly string[] }>([
    { part: "Move ec2:AttachNetworkInterface", finds: ["permission-denied ec2:AttachNetworkInterface"] },
    { part: "Move ec2:DetachNetworkInterface", finds: ["permission-denied ec2:DetachNetworkInterface"] },
    { part: "Stop ec2:StopInstances", finds: ["permission-denied ec2:StopInstances"] },
    { part: "Record dynamodb:GetItem", finds: ["record-unread db"] },
    { part: "Observe ec2:DescribeNetworkInterfaces", finds: ["unread ec2:DescribeNetworkInterfaces"] },
    { part: "Observe cloudwatch:ListAlarmMuteRules", finds: ["unread cloudwatch:ListAlarmMuteRules"] },
    { part: "ExamineRules events:ListRules", finds: ["unread events:ListRules"] },
    { part: "ExamineTable dynamodb:DescribeTimeToLive", finds: ["unread dynamodb:DescribeTimeToLive"] },
  ])("$part: $finds", async ({ part, finds }) => {
    const before = await examined(cloudOf("stops"));
    await without(part, async (there) =>
      expect((await examined(there)).filter((one) => !before.includes(one))).toEqual(finds),
    );
    expect(await examined(cloudOf("stops"))).toEqual(before);
  });

  /** What is found of the group that is fenced; its old active has been stopped by then. */
  async function examined(there: There): Promise<readonly string[]> {
    const { findings } = await there.invoke("doctor", { group: "db" });
    return (findings as Finding[]).map(({ check, subject }) => `${check} ${subject}`);
  }
});

/** The logical id that a name of CloudFormation's making was made of, else the name. */
function shortName(arn: string): string {
  const name = arn.split(/[:/]/).at(-1) ?? arn;
  return /-([A-Za-z]+)-[0-9A-F]{12}$/.exec(name)?.[1] ?? name;
}
