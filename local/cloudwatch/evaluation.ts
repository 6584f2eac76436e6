/**
 * What an alarm says of its datapoints: pure. M of N, with the treatment of missing data over the longer evaluation
 * range, by the rules and tables of "Configuring how CloudWatch alarms treat missing data" in the CloudWatch guide.
 */

export type StateValue = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export type Comparison =
  | "GreaterThanOrEqualToThreshold"
  | "GreaterThanThreshold"
  | "LessThanThreshold"
  | "LessThanOrEqualToThreshold";

export type TreatMissing = "missing" | "ignore" | "breaching" | "notBreaching";

export interface Rule {
  /** N, EvaluationPeriods. */
  readonly of: number;
  /** M, DatapointsToAlarm. */
  readonly need: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly treatMissing: TreatMissing;
}

/** One period of the evaluation range; `value` is undefined where no sample arrived. */
export interface Bin {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly value: number | undefined;
  readonly cause?: string;
}

export interface RealBin extends Bin {
  readonly value: number;
}

export interface Verdict {
  readonly state: StateValue;
  /** The real datapoints that were judged, oldest first. */
  readonly judged: readonly RealBin[];
  /** Those of them that breach. */
  readonly breaching: number;
  /** How many missing datapoints had to be filled in. */
  readonly filled: number;
}

/** How many periods are looked at for N: "The exact number depends on period and resolution", the guide's example is 5 for 3. */
export function evaluationRange(of: number): number {
  return of + 2;
}

/** Whether a value is on the wrong side of the threshold. */
export function breaches(value: number, comparison: Comparison, threshold: number): boolean {
  switch (comparison) {
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "GreaterThanThreshold":
      return value > threshold;
    case "LessThanThreshold":
      return value < threshold;
    case "LessThanOrEqualToThreshold":
      return value <= threshold;
  }
}

/**
 * The state that `bins` (oldest first, the whole evaluation range) call for; `current` is kept where the rule says so.
 * Real datapoints are preferred to filled ones, however old they are within the range: that is why an alarm on
 * silence with `breaching` goes off late.
 */
export function judge(rule: Rule, bins: readonly Bin[], current: StateValue): Verdict {
  const judged = bins.filter((bin): bin is RealBin => bin.value !== undefined).slice(-rule.of);
  const isBreaching = (bin: RealBin) => breaches(bin.value, rule.comparison, rule.threshold);
  const breaching = judged.filter(isBreaching).length;
  const filled = rule.of - judged.length;
  const say = (state: StateValue): Verdict => ({ state, judged, breaching, filled });
  if (breaching >= rule.need) return say("ALARM");
  if (filled === 0) return say("OK");
  const allBreach = breaching === judged.length;
  switch (rule.treatMissing) {
    case "breaching":
      return say(breaching + filled >= rule.need ? "ALARM" : "OK");
    case "notBreaching":
      return say("OK");
    case "ignore":
      return say(allBreach ? current : "OK");
    case "missing": {
      if (judged.length === 0) return say("INSUFFICIENT_DATA");
      // "Premature alarm": the oldest breaching datapoint is at least M periods old and all later ones breach or
      // are missing: ALARM although fewer than M datapoints arrived.
      const oldest = bins.findIndex((bin) => bin.value !== undefined);
      return say(allBreach && bins.length - oldest >= rule.need ? "ALARM" : "OK");
    }
  }
}
