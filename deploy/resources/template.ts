/**
 * The little of CloudFormation's language that the generated resources need. Everything is plain data: what these
 * functions return is what stands in the template.
 */

/** A resource of a template: `Type`, `Properties` and the attributes beside them. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** Resources by logical id. */
export type Resources = Readonly<Record<string, Resource>>;

/** Where a stack is deployed to. The stage is part of every physical name, so that two stages can share an account. */
export interface Place {
  /** `eni-failover-dev`: prefix of everything in the stack that bears a name. */
  readonly stack: string;
}

/** The attribute `name` of a resource of this template. */
export const attribute = (logicalId: string, name: string) => ({ "Fn::GetAtt": [logicalId, name] });

/** An ARN of this account and region, in whichever partition the stack is deployed to. */
export const arn = (service: string, resource: string) => ({
  "Fn::Sub": `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`,
});

/** Each value once, in the order of its first appearance: a template must not change when nothing did. */
export const distinct = (values: readonly string[]): string[] => [...new Set(values)];
