/** What the tests of the package need to know of a CloudFormation template: no more than how to walk it. */

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

/** The logical ids that `value` refers to by Ref, Fn::GetAtt, Fn::Sub or DependsOn, pseudo parameters left out. */
export function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value)
    .flatMap(([key, inside]) => referencesAt(key, inside))
    .filter((id) => !id.startsWith("AWS::"));
}

function referencesAt(key: string, inside: unknown): string[] {
  if (key === "Ref" && typeof inside === "string") return [inside];
  if (key === "Fn::GetAtt" && Array.isArray(inside)) return [String(inside[0])];
  if (key === "Fn::GetAtt") return [String(inside).split(".")[0] ?? ""];
  if (key === "DependsOn") return [inside].flat().map(String);
  if (key === "Fn::Sub" && typeof inside === "string") {
    return [...inside.matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name]) => name?.split(".")[0] ?? "");
  }
  return references(inside);
}

/** The properties of every resource of a type, by logical id. */
export function ofType(template: Template, type: string): Record<string, Resource["Properties"]> {
  const found = Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
  return Object.fromEntries(found.map(([id, { Properties }]) => [id, Properties]));
}
