/**
 * Waits for all, whatever becomes of each, and only then throws what the first of them threw.
 *
 * `Promise.all` alone would return with calls in flight, and a frozen Lambda sends those in a later invocation.
 */
export async function together<T extends readonly unknown[] | []>(
  promises: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  try {
    return await Promise.all(promises);
  } catch {
    await Promise.allSettled(promises);
    return await Promise.all(promises);
  }
}
