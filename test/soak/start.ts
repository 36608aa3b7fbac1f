/** When the first event happens: UTC milliseconds. Yespo's time and the queue's count from here. */
export const START = Date.UTC(2026, 0, 5, 7)
