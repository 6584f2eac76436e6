/** All ways to choose one of each list, the last one varying fastest. */
export function* product<Choice>(lists: readonly (readonly Choice[])[]): Generator<readonly Choice[]> {
  const [first, ...rest] = lists;
  if (first === undefined) yield [];
  else for (const one of first) for (const others of product(rest)) yield [one, ...others];
}
