/** When the first event happens: UTC milliseconds. Yespo's time and the queue's count from here. */
export const START = Date.UTC(2026, 0, 5, 7)

/**
 * The header of a request that is cut off after so many bytes of its body. A real connection would break at another
 * moment each time, perhaps during the next request.
 */
export const CUT_OFF = 'Soak-Cut-Off'
