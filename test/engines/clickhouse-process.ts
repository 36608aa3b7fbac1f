// Answers queries from its parent. A process of its own: a folder is where it was started, and a crash of the engine
// ends nothing else.
import { createRequire } from 'node:module'

type Session = { query: (sql: string, format: string) => string }
type Package = { Session: new () => Session }

const [, , folder = ''] = process.argv
const { Session } = createRequire(import.meta.url)(folder) as Package
const session = new Session()

process.on('message', (sql: string) => {
  try {
    process.send?.({ text: session.query(sql, 'JSONCompactEachRow') })
  } catch (error) {
    process.send?.({ error: String(error) })
  }
})
