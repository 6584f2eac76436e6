/**
 * The chart of docs/performance.md: where the time of a median move goes, contender by contender. Written as SVG by hand, so
 * that it has no dependency; its colours follow the reader's light or dark background.
 */
import type { Overhead } from "./overhead.ts";

const WIDTH = 860;
const NAMES = 232;
const RIGHT = 150;
const TOP = 92;
const ROW = 46;
const BAR = 24;
const SCALE = WIDTH - NAMES - RIGHT;

/** The phases until the interface is in use, and how each is called for a reader. */
const PHASES = [
  { phase: "decide", name: "decide", own: true },
  { phase: "detach", name: "EC2 detaches", own: false },
  { phase: "gap", name: "notice that, ask for the attach", own: true },
  { phase: "attach", name: "EC2 attaches", own: false },
] as const;

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { fill: #59636e; font-size: 12px }
  .ours { font-weight: 600 }
  .end { text-anchor: end }
  .middle { text-anchor: middle }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .decide { fill: #8250df }
  .detach { fill: #8c959f }
  .gap { fill: #bc4c00 }
  .attach { fill: #b7bfc8 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .decide { fill: #a371f7 }
    .detach { fill: #656c76 }
    .gap { fill: #f0883e }
    .attach { fill: #4a525c }
  }`;

export function chartOf(results: readonly Overhead[]): string {
  const longest = Math.max(...results.map((one) => medians(one).total));
  const step = stepFor(longest);
  const most = Math.ceil(longest / step) * step;
  const height = TOP + results.length * ROW + 44;
  const x = (ms: number): number => NAMES + (ms / most) * SCALE;
  const moves = results[0]?.moves.length ?? 0;
  const title = "From the event to the interface in use, by what the time goes into";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${title}: medians in seconds, by contender</title>`,
    `<style>${STYLE}\n</style>`,
    text(16, 28, title, "title"),
    text(
      16,
      47,
      `Median of each phase over ${moves.toLocaleString("en")} seeded moves, the same for all`,
      "quiet",
    ),
    ...legend(),
    ...grid(x, most, step, height),
    ...results.flatMap((one, index) => row(one, x, TOP + index * ROW, index === 0)),
    text(x(most / 2), height - 8, "seconds", "quiet middle"),
    "</svg>",
    "",
  ].join("\n");
}

function medians({ phases }: Overhead): { readonly total: number; readonly each: readonly number[] } {
  const each = PHASES.map(({ phase }) => phases[phase].p50);
  return { each, total: each.reduce((sum, one) => sum + one, 0) };
}

/** Some five lines, at round numbers of seconds. */
function stepFor(longest: number): number {
  const steps = [500, 1_000, 2_000, 5_000, 10_000, 20_000];
  return steps.find((one) => longest / one <= 6) ?? 60_000;
}

function legend(): string[] {
  let left = 16;
  return PHASES.flatMap(({ phase, name, own }) => {
    const said = own ? name : `${name} (the floor)`;
    const at = left;
    left += 22 + said.length * 6.2 + 18;
    return [rect({ left: at, top: 60, width: 12, height: 12 }, phase), text(at + 18, 71, said, "quiet")];
  });
}

function grid(x: (ms: number) => number, most: number, step: number, height: number): string[] {
  const lines: string[] = [];
  for (let at = 0; at <= most; at += step) {
    lines.push(
      `<line class="grid" x1="${x(at)}" x2="${x(at)}" y1="${TOP - 6}" y2="${height - 40}"/>`,
      text(x(at), height - 25, String(at / 1000), "quiet middle"),
    );
  }
  return lines;
}

function row(one: Overhead, x: (ms: number) => number, top: number, ours: boolean): string[] {
  const { each, total } = medians(one);
  let from = 0;
  const bars = PHASES.map(({ phase, name }, index) => {
    const ms = each[index] ?? 0;
    const bar = { left: x(from), top: top + (ROW - BAR) / 2 - 4, width: x(ms) - x(0), height: BAR };
    from += ms;
    return rect(bar, phase, `${one.contender}, ${name}: ${(ms / 1000).toFixed(2)} s`);
  });
  const middle = top + ROW / 2;
  const says = `${one.ratio.p50.toFixed(2)}× floor · p99 ${one.ratio.p99.toFixed(2)}×`;
  return [
    text(NAMES - 12, middle, one.contender, ours ? "ours end" : "end"),
    ...bars,
    text(x(total) + 8, middle, says, ours ? "ours" : "quiet"),
  ];
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function rect({ left, top, width, height }: Box, kind: string, tip?: string): string {
  const size = `x="${left.toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="${height}"`;
  return tip === undefined
    ? `<rect class="${kind}" ${size} rx="2"/>`
    : `<rect class="${kind}" ${size}><title>${escaped(tip)}</title></rect>`;
}

function text(x: number, y: number, said: string, kind: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}">${escaped(said)}</text>`;
}

function escaped(said: string): string {
  return said.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
