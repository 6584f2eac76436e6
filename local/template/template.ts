/** A CloudFormation template as JSON, and its resources once every intrinsic function is resolved. */
import { readFile } from "node:fs/promises";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface TemplateResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: Readonly<Record<string, Json>>;
}

export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: Json; readonly Type?: string }>>;
  readonly Mappings?: Readonly<Record<string, Json>>;
  readonly Conditions?: Readonly<Record<string, Json>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: Json; readonly Condition?: string }>>;
}

/** A resource with its physical name and resolved properties. */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly name: string;
  /** What `Fn::GetAtt … Arn` answers; for a kind without an ARN, its name. */
  readonly arn: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A template that can't be deployed here, with every reason at once. */
export class TemplateError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The template can't be deployed:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "TemplateError";
    this.problems = problems;
  }
}

/** Reads a template. Throws where there is none, or where it is no JSON. */
export async function readTemplate(path: string): Promise<Template> {
  return JSON.parse(await readFile(path, "utf8")) as Template;
}
