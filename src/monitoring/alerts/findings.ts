import type { KeyRead } from '../../db/monitor/health.ts'

/**
 * What a check found, by the name of the alert: what is wrong, since when and what to do, or null
 * where nothing is. An alert that is not in there could not be judged, and stays as it was.
 */
export type Findings = ReadonlyMap<string, string | null>

/** Findings, and what is to be remembered for the next check; null for a note that goes. */
export type Checked = {
  findings: Findings
  notes?: ReadonlyMap<KeyRead, string | null>
  /** Alerts that are told again, as there is something new in them. */
  again?: readonly string[]
}

/** The finding of a check that has one alert. @param message undefined where it could not be judged */
export function finding(name: string, message: string | null | undefined): Findings {
  return new Map(message === undefined ? [] : [[name, message]])
}
