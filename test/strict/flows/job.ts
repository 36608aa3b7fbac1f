import type { Plan } from '../index.ts'
import type { Config } from '../../receiver-config.ts'

/** A request to the receiver; `{…}` in its path stands for an ID of the state. */
export type FlowRequest = {
  method: string
  path: string
  /** A program by default. */
  as?: 'program' | 'sender' | 'viewer'
  body?: string | Uint8Array<ArrayBuffer>
  /** A file in the folder of the states. */
  bodyFile?: string
}

/** What is invoked, from a state on. */
export type Flow = {
  name: string
  /** The state that it begins with. */
  state: string
  vars?: Readonly<Record<string, string>>
  /** First. */
  begins: FlowRequest | 'schedule' | 'queue'
  /**
   * Goes on from where the first invocation got to: what the queue holds is delivered, and else the schedule runs,
   * or the request follows the `next` of its response. Without, the same is invoked again from the same state.
   */
  goesOn?: 'queue' | 'schedule' | 'next'
  /** With `schedule`: SQL that returns what is left to do. */
  left?: string
}

/** The file with the `operationId` of every endpoint, in the folder of the states. */
export const OPERATIONS = 'operations.json'

/** What a process of its own is to do. */
export type Job = {
  bundle: string
  config: Config
  /** Of the states. */
  folder: string
  /** Of the traffic that was stored, and how many events that is. */
  seed: number
  events: number
} & ({ task: 'fill' } | { task: 'run'; runs: readonly Run[] })

/** A flow in a new isolate. */
export type Run = {
  flow: Flow
  plan: Plan
  /** After the first invocation, of a flow that does not go on. */
  repeats: number
}

/** What one invocation used. */
export type Used = {
  kind: 'fetch' | 'queue' | 'scheduled'
  /** Of a response; of others 200 if they returned. */
  status: number
  processorUs: number
  statements: number
  /** Calls of D1: a batch is one. */
  calls: number
  serviceCalls: number
  subrequests: number
  /** Of the queues: a retry costs some, too. */
  queueOperations: number
}

/** What a flow used. */
export type Measured = {
  /** Of the bundle's top level. */
  loadUs: number
  slowness: number
  /** The first invocation of the isolate. */
  cold: Used
  warm: Used[]
}
