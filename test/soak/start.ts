/** When the first of it happens: UTC milliseconds. Yespo's and the queue's time are counted from here. */
export const START = Date.UTC(2026, 0, 5, 7)
