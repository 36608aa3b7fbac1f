/** How many events the bodies have that flows send. */
export const BODY_EVENTS = [1, 10, 50, 100, 200, 500, 2_000, 10_000]
