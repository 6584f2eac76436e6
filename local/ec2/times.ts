/** Times as EC2 tells them: it keeps whole seconds, the fraction is cut off. */
export function inWholeSeconds(at: number): Date {
  return new Date(Math.floor(at / 1000) * 1000);
}
