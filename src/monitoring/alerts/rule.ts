import type { Alert } from '../../db/monitor/alerts.ts'
import type { Snapshot } from '../snapshot.ts'

/**
 * An alert: when it holds, and in which words. It starts with its first message and ends when `check` finds none;
 * both are notified once.
 */
export type AlertRule<Memory = unknown> = {
  /** Name of the alert; of a rule with several alerts, what they have in common. */
  name: string
  /** Whether it ends without a notification. */
  endsSilently?: boolean
  check(input: AlertInput<Memory>): Verdict<Memory> | Promise<Verdict<Memory>>
}

type AlertInput<Memory = unknown> = Snapshot & {
  env: Env
  /** The alert as it stands, if it does. */
  alert: Alert | undefined
  /** What the previous check left for this one. */
  memory: Memory | undefined
}

/** The message of a rule's only alert: null if nothing is wrong, undefined if that is unknown: it stays as it was. */
type Message = string | null | undefined

export type Verdict<Memory = unknown> =
  | Message
  | {
      /** Or messages by the name of the alert. */
      message: Message | ReadonlyMap<string, string | null>
      /** Kept for the next check, as JSON; null removes it. Left out, it stays. */
      memory?: Memory | null
      /** Whether to notify again, until a notification is sent: there is something new in it. */
      renotify?: boolean
      /** Whether to notify again now. */
      remind?: boolean
    }
