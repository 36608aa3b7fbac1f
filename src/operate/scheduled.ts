/**
 * What is done every few minutes: what is old or under way moves on, and then what is wrong is told.
 *
 * @param now UTC milliseconds: the time that it was planned for
 */
export async function lookAfter(_env: Env, _now: number): Promise<void> {}
