import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { storeText } from '../store-events.ts'

it.each(['9007199254740993', '9223372036854775807'])(
  'stores every digit of a number: %s',
  async (digits) => {
    const time = '"activityDateTime":"2026-03-01T00:00:00"'
    await storeText(`[{"activityStatus":"READ",${time},"contactId":${digits},"messageId":5}]`)
    const sql = 'SELECT CAST(contactId AS TEXT) AS digits FROM activity'
    expect(await env.DB.prepare(sql).first('digits')).toBe(digits)
  },
)
