/** Each quota seen broken: a small template that fits, and what is said of it with one thing too large. */
import { describe, expect, it } from "vitest";
import { tooLarge } from "../deploy/limits.ts";
import type { Resources } from "../deploy/resources/template.ts";

const long = (length: number) => "x".repeat(length);
const document = (length: number) => ({ Statement: [{ Sid: "s", Resource: long(length) }] });

const FITS: Resources = {
  Rule: {
    Type: "AWS::Events::Rule",
    Properties: { Name: "stack-alarm-1", EventPattern: { source: ["aws.ec2"] }, Targets: [{ Id: "one" }] },
  },
  Role: {
    Type: "AWS::IAM::Role",
    Properties: { Policies: [{ PolicyDocument: document(10) }], ManagedPolicyArns: [{ Ref: "Policy" }] },
  },
  Policy: { Type: "AWS::IAM::ManagedPolicy", Properties: { PolicyDocument: document(10) } },
  Function: {
    Type: "AWS::Lambda::Function",
    Properties: { FunctionName: "stack-sweep", Environment: { Variables: { TABLE: "t" } } },
  },
  MayInvoke: {
    Type: "AWS::Lambda::Permission",
    Properties: {
      FunctionName: { "Fn::GetAtt": ["Function", "Arn"] },
      SourceArn: { "Fn::GetAtt": ["Rule", "Arn"] },
    },
  },
};

const changed = (id: keyof typeof FITS, properties: object): Resources => {
  const resource = FITS[id];
  if (resource === undefined) throw new Error(`there is no ${id}`);
  return { ...FITS, [id]: { ...resource, Properties: { ...resource.Properties, ...properties } } };
};
const times = (count: number, id: string): Resources => ({
  ...FITS,
  ...Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`${id}${n}`, FITS[id] as Resources[string]]),
  ),
});

describe("a template", () => {
  it("that fits is not complained of", () => expect(tooLarge({ Resources: FITS })).toEqual([]));

  it.each<{ says: RegExp; Resources: Resources }>([
    { says: /the stack: 505 resources/, Resources: times(500, "Policy") },
    { says: /the stack: \d+ template body size/, Resources: changed("Policy", { Description: long(1e6) }) },
    { says: /the stack: 101 rules/, Resources: times(100, "Rule") },
    {
      says: /Rule: 20\d\d EventBridge event pattern size/,
      Resources: changed("Rule", { EventPattern: [long(2048)] }),
    },
    { says: /Rule: 6 targets/, Resources: changed("Rule", { Targets: [1, 2, 3, 4, 5, 6] }) },
    { says: /Rule: Name has 65 characters/, Resources: changed("Rule", { Name: long(65) }) },
    { says: /Function: FunctionName has 65/, Resources: changed("Function", { FunctionName: long(65) }) },
    {
      says: /Function: 4\d\d\d bytes of a function's environment/,
      Resources: changed("Function", { Environment: { Variables: { A: long(4096) } } }),
    },
    { says: /Function: \d+ bytes of a function's resource-based policy/, Resources: times(60, "MayInvoke") },
    {
      says: /Role: 10\d\d\d characters of a role's inline policies/,
      Resources: changed("Role", { Policies: [1, 2].map(() => ({ PolicyDocument: document(5_100) })) }),
    },
    {
      says: /Role: 11 managed policies/,
      Resources: changed("Role", { ManagedPolicyArns: Array(11).fill("p") }),
    },
    {
      says: /Policy: 6\d\d\d characters of a managed policy/,
      Resources: changed("Policy", { PolicyDocument: document(6_144) }),
    },
  ])("says $says", ({ says, Resources }) => {
    const found = tooLarge({ Resources });
    expect(found.filter((one) => says.test(one))).toHaveLength(1);
    expect(found).toHaveLength(1);
  });

  it("is measured as if it went to where names are longest", () => {
    const arn = { "Fn::Sub": `arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/a` };
    const fits = changed("Policy", { PolicyDocument: { Statement: Array(95).fill(arn) } });
    expect(tooLarge({ Resources: fits })).toEqual([]);
    const over = changed("Policy", { PolicyDocument: { Statement: Array(110).fill(arn) } });
    expect(tooLarge({ Resources: over })).toHaveLength(1);
  });
});
