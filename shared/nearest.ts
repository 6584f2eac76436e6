/** "Did you mean …?": the allowed word that was probably meant. */

/**
 * The allowed word nearest to `word`, or undefined when none is near: letter case is free, and one slip in three
 * letters is forgiven, three at most. A slip is a letter too many, too few, wrong, or swapped with its neighbour.
 */
export function nearest(word: string, allowed: readonly string[]): string | undefined {
  const limit = Math.min(3, Math.max(1, Math.floor(word.length / 3)));
  let best: string | undefined;
  let fewest = limit + 1;
  for (const candidate of allowed) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const count = slips(word.toLowerCase(), candidate.toLowerCase());
    if (count < fewest) {
      best = candidate;
      fewest = count;
    }
  }
  return best;
}

/** Optimal string alignment distance, three rows at a time. */
function slips(left: string, right: string): number {
  let before: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) cost = Math.min(cost, at(before, column - 2) + 1);
      current.push(cost);
    }
    before = last;
    last = current;
  }
  return at(last, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
