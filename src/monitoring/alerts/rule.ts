import type { Alert } from '../../db/monitor/alerts.ts'
import type { Phrase } from '../../language/messages.ts'
import type { Snapshot } from '../snapshot.ts'

/**
 * An alert: a check for a problem, with the message about it. It starts with its first message and ends when `check`
 * returns none; both are notified once.
 */
export type AlertRule<Memory = unknown> = {
  /** Name of the alert, or the common name if the rule has several. */
  name: string
  /** Whether it ends without a notification. */
  endsSilently?: boolean
  check(input: AlertInput<Memory>): Verdict<Memory> | Promise<Verdict<Memory>>
}

type AlertInput<Memory = unknown> = Snapshot & {
  env: Env
  /** The alert itself, if it has started. */
  alert: Alert | undefined
  /** The memory of the previous check. */
  memory: Memory | undefined
}

/** The message of an alert, some sentences; null if nothing is wrong, undefined if that is unknown: the alert then stays unchanged. */
type Message = readonly Phrase[] | null | undefined

export type Verdict<Memory = unknown> =
  | Message
  | {
      /** If the rule has several alerts, their messages by name. */
      message: Message | ReadonlyMap<string, readonly Phrase[] | null>
      /** Kept for the next check, as JSON; null removes it, undefined leaves it. */
      memory?: Memory | null
      /** Whether to notify again because something is new, until that succeeds. */
      renotify?: boolean
      /** Whether to notify again now. */
      remind?: boolean
    }
