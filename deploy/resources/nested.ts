/**
 * Where the alarms of a large configuration go. A stack takes 500 resources, and every member has an alarm of its own: past
 * two hundred they are put into nested stacks, which nothing else refers to.
 *
 * Which of the nested stacks an alarm is in follows from its name alone. Else a new group would push others from one
 * stack into the next, and CloudFormation, which makes before it deletes, would find that the alarm already exists.
 */
import { createHash } from "node:crypto";
import type { Resource, Resources } from "./template.ts";

/** CloudFormation takes so many resources a stack. Source: CloudFormation quotas, "Resources". */
export const STACK_RESOURCES = 500;

/** So many alarms stand in the stack itself; from one more on, all are in nested stacks. */
export const ALARMS_IN_STACK = 200;

/** Never changed: an alarm would move. Room for some 3,500 alarms, since they do not spread evenly. */
const NESTED_STACKS = 8;

export interface Nested {
  readonly resources: Resources;
  /** The templates of the nested stacks, by file name. A file that says something else has another name. */
  readonly templates: Readonly<Record<string, string>>;
}

/**
 * The alarms, in the stack or in nested ones. `artifacts` is where the package is put in the deployment bucket: what lies
 * under it is deleted with the stack.
 */
export function nested(alarms: Resources, artifacts: string): Nested {
  if (Object.keys(alarms).length <= ALARMS_IN_STACK) return { resources: alarms, templates: {} };
  const numbers = Array.from({ length: NESTED_STACKS }, (_, index) => index + 1);
  const stacks = numbers.map((number) => {
    const part = Object.entries(alarms).filter(([id]) => stackOf(id) === number);
    const template = JSON.stringify({
      AWSTemplateFormatVersion: "2010-09-09",
      Description: "Alarms on the checks of the members",
      Resources: Object.fromEntries(part),
    });
    const name = `alarms-${number}-${digest(template).toString("hex").slice(0, 12)}.json`;
    const resource: Resource = {
      Type: "AWS::CloudFormation::Stack",
      Properties: { TemplateURL: { "Fn::Sub": `${BUCKET}/${artifacts}/nested/${name}` } },
    };
    return { id: `AlarmStack${number}`, name, template, resource };
  });
  return {
    resources: Object.fromEntries(stacks.map(({ id, resource }) => [id, resource])),
    templates: Object.fromEntries(stacks.map(({ name, template }) => [name, template])),
  };
}

const BUCKET = `https://\${ServerlessDeploymentBucket}.s3.\${AWS::Region}.\${AWS::URLSuffix}`;

const stackOf = (id: string) => (digest(id).readUInt8() % NESTED_STACKS) + 1;

const digest = (text: string) => createHash("sha256").update(text).digest();
