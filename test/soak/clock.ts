import { VirtualClock } from '../strict/index.ts'

/** The receiver's clock. It shows Yespo's time, which decides when events happen and which are old. */
export const clock = new VirtualClock()
