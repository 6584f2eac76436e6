/** Goal: policies decide as IAM documents it. Method: tables of one statement and one question. */
import { describe, expect, it } from "vitest";
import { evaluate, evaluateForService } from "../../local/iam/evaluate.ts";
import { Permissions } from "../../local/iam/permissions.ts";
import type { PolicyDocument, Statement } from "../../local/iam/policy.ts";
import { validate } from "../../local/iam/validate.ts";

const ENI = "arn:aws:ec2:eu-west-1:123456789012:network-interface/eni-1";
const allow = (more: Partial<Statement> = {}): Statement => ({
  Effect: "Allow",
  Action: "ec2:DetachNetworkInterface",
  Resource: "*",
  ...more,
});
const policy = (...Statement: Statement[]): PolicyDocument => ({ Version: "2012-10-17", Statement });
const ask = (keys: Record<string, string[]> = {}, action = "ec2:DetachNetworkInterface", resource = ENI) => ({
  action,
  resource,
  keys,
});

describe("who may do what on which resource", () => {
  it.each<[string, Statement[], boolean]>([
    ["an action that is named is allowed", [allow()], true],
    ["names of actions have no case", [allow({ Action: "EC2:detachnetworkinterface" })], true],
    ["a wildcard fits", [allow({ Action: ["s3:Get*", "ec2:*NetworkInterface"] })], true],
    ["nothing said is denied", [], false],
    ["another action is denied", [allow({ Action: "ec2:AttachNetworkInterface" })], false],
    ["an explicit deny beats an allow", [allow(), allow({ Effect: "Deny", Action: "ec2:*" })], false],
    ["NotAction is everything else", [allow({ Action: [], NotAction: "iam:*" })], true],
    ["NotAction leaves out what it names", [allow({ NotAction: "ec2:*" })], false],
    ["the resource's own ARN is allowed", [allow({ Resource: [ENI] })], true],
    ["an ARN with wildcards fits", [allow({ Resource: "arn:aws:ec2:*:*:network-interface/eni-?" })], true],
    ["another resource is denied", [allow({ Resource: `${ENI}2` })], false],
    ["ARNs have case", [allow({ Resource: ENI.toUpperCase() })], false],
    ["NotResource is every other resource", [allow({ NotResource: ENI })], false],
  ])("%s", (_, statements, allowed) => {
    expect(evaluate([policy(...statements)], ask()).allowed).toBe(allowed);
  });

  it("an action without resource types is allowed on * alone", () => {
    const question = ask({}, "ec2:DescribeInstances", "*");
    const on = (Resource: string) =>
      evaluate([policy(allow({ Action: "ec2:DescribeInstances", Resource }))], question).allowed;
    expect([on("*"), on("arn:aws:ec2:*:*:instance/*")]).toEqual([true, false]);
  });

  it("says which statement decided", () => {
    const deny = allow({ Sid: "NotNow", Effect: "Deny" });
    expect(evaluate([policy(allow(), deny)], ask()).why).toBe(
      `statement NotNow denies ec2:DetachNetworkInterface on ${ENI}`,
    );
    expect(evaluate([], ask()).why).toMatch(/^no statement allows/);
  });
});

describe("conditions", () => {
  const TAG = "aws:ResourceTag/role";
  it.each<[string, NonNullable<Statement["Condition"]>, Record<string, string[]>, boolean]>([
    ["equal", { StringEquals: { [TAG]: "nat" } }, { "aws:resourcetag/role": ["nat"] }, true],
    ["one of several", { StringEquals: { [TAG]: ["fw", "nat"] } }, { "aws:resourcetag/role": ["nat"] }, true],
    ["not equal", { StringEquals: { [TAG]: "nat" } }, { "aws:resourcetag/role": ["fw"] }, false],
    ["an absent key fails a positive operator", { StringEquals: { [TAG]: "nat" } }, {}, false],
    ["an absent key satisfies IfExists", { StringEqualsIfExists: { [TAG]: "nat" } }, {}, true],
    [
      "IfExists still compares",
      { StringEqualsIfExists: { [TAG]: "nat" } },
      { "aws:resourcetag/role": ["x"] },
      false,
    ],
    ["an absent key satisfies a negated operator", { StringNotEquals: { [TAG]: "nat" } }, {}, true],
    ["none of several", { StringNotEquals: { [TAG]: ["a", "b"] } }, { "aws:resourcetag/role": ["b"] }, false],
    [
      "none of several, of a key with several values",
      { StringNotEquals: { "aws:TagKeys": ["a", "b"] } },
      { "aws:tagkeys": ["c", "b"] },
      false,
    ],
    [
      "whatever the case",
      { StringEqualsIgnoreCase: { [TAG]: "NAT" } },
      { "aws:resourcetag/role": ["nat"] },
      true,
    ],
    ["like", { StringLike: { [TAG]: "n?t*" } }, { "aws:resourcetag/role": ["nat-a"] }, true],
    ["Null true of an absent key", { Null: { [TAG]: "true" } }, {}, true],
    ["Null false of an absent key", { Null: { [TAG]: "false" } }, {}, false],
    ["a boolean", { Bool: { "aws:SecureTransport": "true" } }, { "aws:securetransport": ["true"] }, true],
    ["a number", { NumericLessThanEquals: { "x:n": 5 } }, { "x:n": ["5"] }, true],
    [
      "a date",
      { DateGreaterThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" } },
      { "aws:currenttime": ["2026-11-24T00:00:00Z"] },
      true,
    ],
    [
      "an ARN",
      { ArnLike: { "aws:SourceArn": "arn:aws:events:*:*:rule/*" } },
      { "aws:sourcearn": ["arn:aws:events:eu-west-1:1:rule/r"] },
      true,
    ],
    [
      "an ARN's wildcard ends at its colon",
      { ArnLike: { "aws:SourceArn": "arn:aws:events:*:rule/*" } },
      { "aws:sourcearn": ["arn:aws:events:eu-west-1:1:rule/r"] },
      false,
    ],
    [
      "all operators and keys must hold",
      { StringEquals: { "x:a": "1", "x:b": "2" } },
      { "x:a": ["1"], "x:b": ["3"] },
      false,
    ],
    [
      "ForAllValues asks every value",
      { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": "GROUP#*" } },
      { "dynamodb:leadingkeys": ["GROUP#a", "FLEET"] },
      false,
    ],
    [
      "ForAllValues is satisfied by none",
      { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": "GROUP#*" } },
      {},
      true,
    ],
    [
      "ForAnyValue asks one",
      { "ForAnyValue:StringEquals": { "aws:TagKeys": "role" } },
      { "aws:tagkeys": ["name", "role"] },
      true,
    ],
    [
      "ForAnyValue is not satisfied by none",
      { "ForAnyValue:StringEquals": { "aws:TagKeys": "role" } },
      {},
      false,
    ],
  ])("%s", (_, Condition, keys, allowed) => {
    expect(evaluate([policy(allow({ Condition }))], ask(keys)).allowed).toBe(allowed);
  });

  it.each<[string, NonNullable<Statement["Condition"]>]>([
    ["an unknown operator", { IpAddress: { "aws:TagKeys": "10.0.0.0/8" } }],
    ["an unknown key", { StringEquals: { "ec2:Vpc": "vpc-1" } }],
    ["a policy variable", { StringEquals: { "aws:ResourceTag/owner": `\${aws:username}` } }],
  ])("%s is not guessed at", (_, Condition) => {
    const keys = { "aws:resourcetag/owner": ["x"] };
    expect(() => evaluate([policy(allow({ Condition }))], ask(keys))).toThrow(/judged here/);
  });
});

it("a resource's policy is asked for the service that it names", () => {
  const queue = "arn:aws:sqs:eu-west-1:123456789012:dead-letters";
  const send = { action: "sqs:SendMessage", resource: queue, keys: {} };
  const named = policy(
    allow({ Principal: { Service: "events.amazonaws.com" }, Action: "sqs:SendMessage", Resource: queue }),
  );
  expect(evaluateForService([named], "events.amazonaws.com", send).allowed).toBe(true);
  expect(evaluateForService([named], "sns.amazonaws.com", send).allowed).toBe(false);
});

it("EventBridge does not say to a topic for which rule it publishes", () => {
  const permissions = new Permissions();
  const rule = "arn:aws:events:eu-west-1:123456789012:rule/r";
  const may = (action: string, resource: string) => {
    const Condition = { ArnEquals: { "aws:SourceArn": rule } };
    permissions.replace(resource, [
      policy(
        allow({
          Principal: { Service: "events.amazonaws.com" },
          Action: action,
          Resource: resource,
          Condition,
        }),
      ),
    ]);
    return permissions.ofService("events.amazonaws.com", rule, { action, resource, keys: {} }).allowed;
  };
  expect(may("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:q")).toBe(true);
  expect(may("sns:Publish", "arn:aws:sns:eu-west-1:123456789012:t")).toBe(false);
});

describe("names in policies", () => {
  it("that exist are found nothing wrong with", async () => {
    const good = policy(
      allow({ Resource: ENI, Condition: { StringEquals: { "aws:ResourceTag/role": "nat" } } }),
      allow({ Action: ["ec2:Describe*", "cloudwatch:DescribeAlarms"], Resource: "*" }),
    );
    expect(await validate(good)).toEqual([]);
  });

  it.each<[string, Statement, string]>([
    [
      "of no action",
      allow({ Action: "ec2:DetachNetworkIntreface" }),
      "ec2:DetachNetworkIntreface: there is no such action",
    ],
    ["of no service", allow({ Action: "ec3:Detach" }), "ec3:Detach: there is no service ec3"],
    ["that fit nothing", allow({ Action: "ec2:Unhook*" }), "ec2:Unhook*: fits no action"],
    [
      "of an action that can't be restricted",
      allow({ Action: "ec2:DescribeInstances", Resource: ENI }),
      'ec2:DescribeInstances: has no resource types, so only Resource "*" can allow it',
    ],
    [
      "of no key",
      allow({ Condition: { StringEquals: { "ec2:Colour": "red" } } }),
      "ec2:Colour: there is no such condition key for ec2",
    ],
  ])("%s are told", async (_, statement, problem) => {
    expect(await validate(policy(statement))).toEqual([problem]);
  });
});
