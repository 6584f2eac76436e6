/**
 * How long a value of a template can become once CloudFormation has resolved it, in characters without white space: the
 * package must fit wherever it is deployed to, and where that is, is not known when it is packaged.
 */

/** The longest that AWS has. */
const LONGEST: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws-us-gov",
  "AWS::Region": "ap-southeast-99",
  "AWS::AccountId": "123456789012",
  "AWS::URLSuffix": "amazonaws.com.cn",
};

/** Of what another resource is called: `arn:…:table/name`. */
const ANY_ARN = "x".repeat(160);

/** The length of `value` as JSON. */
export function longest(value: unknown): number {
  return JSON.stringify(resolved(value)).length;
}

function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  const [[name = "", argument] = []] = Object.entries(value);
  if (name === "Ref" || name === "Fn::GetAtt") return LONGEST[String(argument)] ?? ANY_ARN;
  if (name === "Fn::Join") {
    const [by, parts] = argument as [string, unknown[]];
    return parts.map(resolved).join(by);
  }
  if (name === "Fn::Sub" && typeof argument === "string")
    return argument.replace(/\$\{([^}]+)\}/g, (_, id: string) => LONGEST[id] ?? ANY_ARN);
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, resolved(inside)]));
}
