/**
 * Alarm rules of composite alarms: `ALARM("a b") OR (OK(c) AND NOT INSUFFICIENT_DATA(d))`. AND binds tighter than OR,
 * NOT tighter than both. Names are plain, quoted, or whole alarm ARNs.
 */
import { AwsError } from "../aws-error.ts";
import type { StateValue } from "./evaluation.ts";

export type AlarmRule =
  | { readonly kind: "state"; readonly state: StateValue; readonly alarm: string }
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "not"; readonly rule: AlarmRule }
  | { readonly kind: "and" | "or"; readonly left: AlarmRule; readonly right: AlarmRule };

const STATES: ReadonlySet<string> = new Set(["ALARM", "OK", "INSUFFICIENT_DATA"]);
const TOKEN = /\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|([^\s()"]+))/y;

type Token =
  | { readonly kind: "open" | "close" }
  | { readonly kind: "word" | "quoted"; readonly text: string };

/** Parses an alarm rule; throws ValidationError with CloudWatch's words where it is none. */
export function parseRule(text: string): AlarmRule {
  const tokens = tokenise(text);
  let place = 0;
  const isWord = (word: string) => {
    const token = tokens[place];
    return token?.kind === "word" && token.text.toUpperCase() === word;
  };
  const chain = (kind: "and" | "or", next: () => AlarmRule): AlarmRule => {
    let left = next();
    while (isWord(kind.toUpperCase())) {
      place += 1;
      left = { kind, left, right: next() };
    }
    return left;
  };
  const take = (kind: Token["kind"]): void => {
    if (tokens[place]?.kind !== kind) throw invalid(text);
    place += 1;
  };
  const term = (): AlarmRule => {
    if (isWord("NOT")) {
      place += 1;
      return { kind: "not", rule: term() };
    }
    const token = tokens[place];
    if (token?.kind === "open") {
      place += 1;
      const inner = either();
      take("close");
      return inner;
    }
    if (token?.kind !== "word") throw invalid(text);
    place += 1;
    const word = token.text.toUpperCase();
    if (word === "TRUE" || word === "FALSE") return { kind: "constant", value: word === "TRUE" };
    if (!STATES.has(word)) throw invalid(text);
    take("open");
    const alarm = tokens[place];
    if (alarm === undefined || !("text" in alarm)) throw invalid(text);
    place += 1;
    take("close");
    return { kind: "state", state: word as StateValue, alarm: nameOf(alarm.text) };
  };
  const both = () => chain("and", term);
  const either = () => chain("or", both);
  const rule = either();
  if (place !== tokens.length) throw invalid(text);
  return rule;
}

/** Whether the rule holds, given the state of each alarm it names. An alarm that is gone is in no state. */
export function holds(rule: AlarmRule, stateOf: (alarm: string) => StateValue | undefined): boolean {
  switch (rule.kind) {
    case "constant":
      return rule.value;
    case "state":
      return stateOf(rule.alarm) === rule.state;
    case "not":
      return !holds(rule.rule, stateOf);
    case "and":
      return holds(rule.left, stateOf) && holds(rule.right, stateOf);
    case "or":
      return holds(rule.left, stateOf) || holds(rule.right, stateOf);
  }
}

/** The names of the alarms that a rule speaks of, each once. */
export function alarmsOf(rule: AlarmRule): string[] {
  switch (rule.kind) {
    case "constant":
      return [];
    case "state":
      return [rule.alarm];
    case "not":
      return alarmsOf(rule.rule);
    default:
      return [...new Set([...alarmsOf(rule.left), ...alarmsOf(rule.right)])];
  }
}

/** The name of an alarm that is given by name or by ARN. */
export function nameOf(alarm: string): string {
  return alarm.startsWith("arn:") ? alarm.slice(alarm.indexOf(":alarm:") + ":alarm:".length) : alarm;
}

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  const source = text.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source);
    if (match === null) throw invalid(text);
    if (match[1] !== undefined) tokens.push({ kind: "open" });
    else if (match[2] !== undefined) tokens.push({ kind: "close" });
    else if (match[3] !== undefined)
      tokens.push({ kind: "quoted", text: match[3].replaceAll(/\\(.)/g, "$1") });
    else tokens.push({ kind: "word", text: match[4] ?? "" });
  }
  if (tokens.length === 0) throw invalid(text);
  return tokens;
}

function invalid(text: string): AwsError {
  return new AwsError("ValidationError", `AlarmRule must be a valid rule expression: ${text}`);
}
