import { afterAll, beforeAll, expect, it } from 'vitest'
import { QUESTIONS } from './questions.ts'
import { fillReceiver, type Filled } from './receiver.ts'
import { run } from './run.ts'

let filled: Filled

beforeAll(async () => {
  filled = await fillReceiver({ events: 20_000, days: 28 })
})
afterAll(() => filled.close())

it.each(QUESTIONS)('answers $id right: $text', async (question) => {
  const { error } = await run(question, filled, 0)
  expect(error).toBeUndefined()
})
