/** How CloudWatch words a state: the reason for a person, and the reason data for a program (a JSON string). */
import {
  breaches,
  type Comparison,
  type RealBin,
  type Rule,
  type StateValue,
  type Verdict,
} from "./evaluation.ts";

const COMPARED: Record<Comparison, string> = {
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  GreaterThanThreshold: "greater than",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};

/** `2019-10-02T17:04:40.989+0000`: how CloudWatch writes times in events and reason data. */
export function stamp(at: number): string {
  return new Date(at).toISOString().replace("Z", "+0000");
}

/** A double as Java prints it: `50.0`, `0.0666851903306472`. */
function double(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** The sentence that DescribeAlarms and the event carry for a verdict. */
export function reasonFor(rule: Rule, verdict: Verdict, before: StateValue): string {
  const { state, judged, filled } = verdict;
  if (state === "INSUFFICIENT_DATA") {
    return `Insufficient Data: ${count(filled, "datapoint")} ${filled === 1 ? "was" : "were"} unknown.`;
  }
  const treated = `${count(filled, "missing datapoint")} ${filled === 1 ? "was" : "were"} treated as`;
  const treatment = `[${rule.treatMissing === "breaching" ? "Breaching" : "NonBreaching"}]`;
  if (judged.length === 0) {
    return `Threshold Crossed: no datapoints were received for ${count(filled, "period")} and ${treated} ${treatment}.`;
  }
  const telling = tellingBins(rule, verdict);
  const listed = telling.map((bin) => `${double(bin.value)} (${shortDate(bin.start)})`).join(", ");
  const was = `${telling.length === 1 ? "was" : "were"}${state === "OK" ? " not" : ""}`;
  // CloudWatch counts the datapoints that it needs for this very transition.
  const needed = state === "ALARM" ? rule.need : rule.of - rule.need + 1;
  const filling = filled > 0 && rule.treatMissing.endsWith("reaching") ? ` and ${treated} ${treatment}` : "";
  return (
    `Threshold Crossed: ${telling.length} out of the last ${judged.length} datapoints [${listed}] ${was} ` +
    `${COMPARED[rule.comparison]} the threshold (${double(rule.threshold)})${filling} ` +
    `(minimum ${count(needed, "datapoint")} for ${before} -> ${state} transition).`
  );
}

/** The reason data: a JSON string, its numbers written as doubles. Undefined for INSUFFICIENT_DATA, as on AWS. */
export function reasonDataFor(
  rule: Rule,
  verdict: Verdict,
  shown: { readonly at: number; readonly period: number; readonly statistic?: string },
): string | undefined {
  if (verdict.state === "INSUFFICIENT_DATA") return undefined;
  const start = verdict.judged[0]?.start;
  const fields = [
    `"version":"1.0"`,
    `"queryDate":"${stamp(shown.at)}"`,
    ...(start === undefined ? [] : [`"startDate":"${stamp(start)}"`]),
    ...(shown.statistic === undefined ? [] : [`"statistic":${JSON.stringify(shown.statistic)}`]),
    `"period":${shown.period}`,
    `"recentDatapoints":[${verdict.judged.map((bin) => double(bin.value)).join(",")}]`,
    `"threshold":${double(rule.threshold)}`,
  ];
  return `{${fields.join(",")}}`;
}

/** The datapoints that decided: the breaching ones for ALARM, the others for OK. */
function tellingBins(rule: Rule, verdict: Verdict): readonly RealBin[] {
  const wanted = verdict.judged.filter(
    (bin) => breaches(bin.value, rule.comparison, rule.threshold) === (verdict.state === "ALARM"),
  );
  return wanted.length > 0 ? wanted : verdict.judged;
}

/** `02/10/19 16:59:00`, in UTC. */
function shortDate(at: number): string {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  const [year = "", month, day] = date.split("-");
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
